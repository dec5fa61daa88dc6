// SPDX-License-Identifier: MIT
#include "soak.hpp"

#include "model/units.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

namespace soundwarden::fault {

using bench::milliseconds;

namespace {

constexpr double storm_part = 0.25;
constexpr double longest_storm_s = 600.0;
constexpr double rest_settles_s = 7.0; // WirePlumber suspends a sink after 5
constexpr double rest_s = 10.0;
constexpr std::size_t newest_kept = 12;
/// From the guard's word that a ceiling is in force to the moment from which on samples are held to it.
constexpr std::int64_t grace_ns = 250'000'000;
constexpr std::int64_t read_within_ns = second_ns;
constexpr std::int64_t in_force_within_ns = 60 * second_ns;
/// However often it was asked for anew meanwhile.
constexpr std::int64_t any_in_force_within_ns = 180 * second_ns;
constexpr std::int64_t decided_within_ns = 30 * second_ns;
constexpr std::int64_t silent_at_most_ns = 10 * second_ns;
/// As the unit has it.
constexpr double unit_watchdog_s = 30.0;
constexpr milliseconds sound_within{60'000};

} // namespace

Soak::Soak(std::uint64_t seed, double minutes)
    : minutes_(minutes), rig_({.seed = seed, .watchdog_s = unit_watchdog_s}), cap_db_(decibels(static_cast<double>(Rig::ceiling())).value),
      bound_db_(cap_db_) {
    figures_.seed = seed;
    figures_.minutes = minutes;
}

Figures Soak::run() {
    begin_ns_ = bench::now_ns();
    rig_.wait_pressing();
    const double playing_s = std::max(10.0, minutes_ * 60.0 - rest_settles_s - rest_s);
    const double storm_s = std::min(playing_s * storm_part, longest_storm_s);
    part(storm_s, true);
    part(playing_s - storm_s, false);
    rest();
    figures_.frames = rig_.judge.frames();
    figures_.above = rig_.judge.above();
    figures_.overflows = rig_.judge.overflows();
    for (const auto &each : rig_.judge.first_above())
        violate("sample " + std::to_string(each.sample) + " above " + std::to_string(each.ceiling) + ", " +
                std::to_string(static_cast<double>(each.t_ns - begin_ns_) / 1e9) + " s after the beginning");
    figures_.failed_calls = rig_.injection.failed();
    figures_.judge();
    return figures_;
}

void Soak::part(double seconds, bool storm) {
    storm_ = storm;
    const auto from = bench::now_ns();
    const auto gaps = rig_.judge.gaps();
    const auto frames = rig_.judge.frames();
    std::uint64_t woken = 0;
    if (!storm) {
        // A daemon that nothing was injected into, under the policy that it is to have.
        loosen(decibels(static_cast<double>(Rig::ceiling())).value);
        rig_.injection.stop();
        rig_.reconnect();
        terminated();
        rig_.wait_until([&] { return rig_.daemon->ready(); });
        policy();
        expect_sound_after("the storm");
        expect_answer();
        woken = wake_ups(rig_.daemon->pid());
    }
    unsigned weights = 0;
    for (const Action *each = actions; each->name != nullptr; ++each) weights += storm || !each->storm_only ? each->weight : 0;
    const auto calm_from = bench::now_ns();
    const auto warm_from = calm_from + static_cast<std::int64_t>(std::min(seconds / 3.0, 600.0) * 1e9);
    while (bench::now_ns() < from + static_cast<std::int64_t>(seconds * 1e9)) {
        auto left = static_cast<unsigned>(rig_.random() % weights);
        for (const Action *each = actions; each->name != nullptr; ++each) {
            if (!storm && each->storm_only) continue;
            if (left >= each->weight) {
                left -= each->weight;
                continue;
            }
            ++figures_.done[each->name];
            newest_.push_back(each->name);
            if (newest_.size() > newest_kept) newest_.pop_front();
            (this->*each->happen)();
            break;
        }
        wait(milliseconds{50 + rig_.random() % 400});
        if (!storm && figures_.descriptors_before == 0 && bench::now_ns() > warm_from) figures_.descriptors_before = descriptors();
    }
    if (storm) return;
    figures_.descriptors_after = descriptors();
    expect_answer();
    figures_.calm_s = static_cast<double>(bench::now_ns() - calm_from) * 1e-9;
    figures_.calm_wake_ups = wake_ups(rig_.daemon->pid()) - woken;
    figures_.calm_gaps = rig_.judge.gaps() - gaps;
    figures_.calm_cycles = (rig_.judge.frames() - frames) / 256;
}

/// Those of the daemon while nobody asks and nothing but the tone plays: the fewest, as what has ended takes its time to go.
std::size_t Soak::descriptors() {
    streams_.clear();
    watchers_.clear();
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (int look = 0; look < 15; ++look) {
        wait(milliseconds{200});
        fewest = std::min(fewest, open_descriptors(rig_.daemon->pid()));
    }
    return fewest;
}

/// Nothing plays, and nobody asks.
void Soak::rest() {
    sampled_ = -1; // the calm is over
    streams_.clear();
    watchers_.clear();
    rig_.source->stop();
    rig_.session.restart(bench::Server::dbus); // whoever still waits for an answer does not any more
    quiet_until_ns_ = std::numeric_limits<std::int64_t>::max();
    tighten_since_ns_.reset();
    wait(milliseconds{static_cast<std::int64_t>(rest_settles_s * 1000)});
    const auto before = wake_ups(rig_.daemon->pid());
    const auto fed = rig_.daemon->fed();
    wait(milliseconds{static_cast<std::int64_t>(rest_s * 1000)});
    figures_.rest_s = rest_s;
    figures_.rest_wake_ups =
        static_cast<std::int64_t>(wake_ups(rig_.daemon->pid()) - before) - static_cast<std::int64_t>(rig_.daemon->fed() - fed);
    if (rig_.daemon->stop().code != 0) violate("it does not end well:\n" + rig_.daemon->text());
}

void Soak::watch() {
    rig_.look();
    sample();
    check_ends();
    check_sound();
    follow_ceiling();
    follow_edge();
    std::erase_if(streams_, [](const auto &stream) { return !stream->process().running(); });
    std::erase_if(watchers_, [](const auto &watcher) { return watcher.first < bench::now_ns(); });
}

/// Each plug is decided. Where another daemon has begun meanwhile, or the card has gone, it is not that plug that tells.
void Soak::follow_edge() {
    if (!edge_) return;
    if (edge_->process != rig_.daemon->pid()) return edge_.reset();
    for (const auto &line : rig_.daemon->process().lines(edge_->mark)) {
        if (line.text.find(edge_->pattern) == std::string::npos) continue;
        if (!storm_) figures_.decided_ms.push_back(static_cast<double>(line.t_ns - edge_->t_ns) * 1e-6);
        return edge_.reset();
    }
    if (bench::now_ns() - edge_->t_ns < decided_within_ns) return;
    if (!storm_) violate("a plug was never decided: no \"" + edge_->pattern + "\"\n" + rig_.daemon->process().output());
    edge_.reset();
}

/// The command gets an answer.
void Soak::expect_answer() {
    if (!rig_.answers()) violate("soundwarden status gets no answer\n" + rig_.daemon->process().output());
}

void Soak::wait(milliseconds time) {
    const auto until = bench::now_ns() + std::chrono::nanoseconds(time).count();
    bench::poll_until(
        [&] {
            watch();
            return bench::now_ns() >= until;
        },
        time * 10 + milliseconds{20'000});
}

void Soak::violate(const std::string &what) {
    std::string before;
    for (const std::string &each : newest_) before += (before.empty() ? "" : ", ") + each;
    figures_.violations.push_back(std::to_string(static_cast<double>(bench::now_ns() - begin_ns_) / 1e9) + " s: " + what + "\n  before it: " + before);
    std::fprintf(stderr, "%s\n", figures_.violations.back().c_str());
}

void Soak::sample() {
    const auto now = bench::now_ns();
    if (storm_ || sampled_ < 0 || now < next_sample_ns_) return;
    next_sample_ns_ = now + second_ns;
    if (std::exchange(sampled_, rig_.daemon->pid()) != rig_.daemon->pid()) {
        figures_.calm.clear(); // another life
        calm_from_ns_ = now;
    }
    figures_.calm.push_back({static_cast<double>(now - calm_from_ns_) * 1e-9, status_number(sampled_, "VmRSS")});
}

void Soak::check_ends() {
    const auto &ends = rig_.daemon->ends();
    for (; ends_seen_ < ends.size(); ++ends_seen_) {
        const auto &end = ends[ends_seen_];
        if (end.ordered) {
            ++figures_.ordered_ends;
        } else if (bench::now_ns() < provoked_until_ns_) {
            ++figures_.provoked_ends;
        } else {
            ++figures_.unprovoked_ends;
            violate("the daemon ended by itself: signal " + std::to_string(end.status.signal) + ", code " + std::to_string(end.status.code) +
                    (end.by_watchdog ? ", by the watchdog" : "") + "\n" + end.last_words);
        }
    }
    if (!rig_.daemon->given_up()) return;
    violate("the unit would not start it again\n" + rig_.daemon->text());
    rig_.supervise();
    ends_seen_ = 0;
}

std::string Soak::state() {
    std::string text;
    for (const std::vector<std::string> &argv : {std::vector<std::string>{"pw-link", "-l"}, {"pw-metadata"}, {"wpctl", "status"}, {program("SOUNDWARDEN"), "graph"},
                                                {program("SOUNDWARDEN"), "status", "-o", "json"}}) {
        auto tool = rig_.session.spawn(argv);
        tool->wait_exit();
        text += argv[0] + ":\n" + tool->output();
    }
    // The volumes in which a level may have got lost.
    for (const auto &[id, node] : rig_.probe->snapshot().nodes) {
        if (node.media_class() != "Audio/Sink") continue;
        auto tool = rig_.session.spawn({"pw-cli", "enum-params", std::to_string(id), "Props"});
        tool->close_stdin(); // it would ask for more
        tool->wait_exit();
        text += node.name() + ":\n" + tool->output();
    }
    return text;
}

void Soak::check_sound() {
    const auto now = bench::now_ns();
    const auto silent_since = std::max({rig_.judge.heard_ns(), begin_ns_, quiet_until_ns_ == std::numeric_limits<std::int64_t>::max() ? now : quiet_until_ns_});
    if (now - silent_since < silent_at_most_ns) return;
    if (!rig_.source->process().running()) { // its server has gone: nobody to be heard
        rig_.reconnect();
    } else {
        violate("silent for 10 s\n" + state() + rig_.report());
        quiet_until_ns_ = now + sound_within.count() * 1'000'000;
        return;
    }
    quiet_until_ns_ = now;
}

void Soak::expect_sound_after(const char *fault) {
    rig_.reconnect();
    double heard_ms = 0.0;
    if (!rig_.comes_back(&heard_ms, sound_within)) {
        violate(std::string("silent for good after ") + fault + '\n' + state() + rig_.report());
        rig_.daemon->end(SIGKILL);
    } else {
        figures_.heard_ms.push_back(heard_ms);
    }
    quiet_until_ns_ = bench::now_ns();
}

// --- The ceiling in force --------------------------------------------------------------------------------------------------------

void Soak::loosen(double ceiling_db) {
    tighten_since_ns_.reset();
    if (ceiling_db <= bound_db_) return;
    bound_db_ = ceiling_db;
    rig_.judge.ceiling(amplitude_toward_zero({bound_db_}), bench::now_ns());
}

void Soak::tighten() {
    tighten_since_ns_ = bench::now_ns();
    if (!unmet_since_ns_) unmet_since_ns_ = tighten_since_ns_;
}

std::optional<double> Soak::published_ceiling_db() const {
    if (!rig_.probe->connected()) return std::nullopt;
    const auto graph = rig_.probe->snapshot();
    const auto *guard = graph.node("soundwarden." + rig_.card.sink());
    if (guard == nullptr) return std::nullopt;
    const std::string text = bench::get(guard->properties, "soundwarden.ceiling-db");
    if (text.empty() || text == "none") return std::nullopt;
    return text == "block" ? -200.0 : std::atof(text.c_str());
}

void Soak::follow_ceiling() {
    const auto now = bench::now_ns();
    if (override_db_ && now > override_until_ns_) {
        override_db_.reset();
        tighten();
    }
    if (!tighten_since_ns_) return;
    // A policy counts from when it was read on, by this daemon or by one that has begun since.
    if (policy_process_ == rig_.daemon->pid() && !policy_read_) {
        policy_read_ = rig_.daemon->process().wait_for_line("policy: ", milliseconds{0}, policy_mark_).has_value();
        if (!policy_read_ && now - policy_written_ns_ > in_force_within_ns) {
            violate("a policy file was never read\n" + rig_.daemon->process().output());
            policy_read_ = true;
        }
        if (!policy_read_) return;
    }
    // What was being read when the file was written tells of itself too.
    if (now - *tighten_since_ns_ < read_within_ns) return;
    const double wanted = std::max(override_db_.value_or(cap_db_), cap_db_);
    const auto published = published_ceiling_db();
    if (rig_.daemon->ready() && published && *published <= wanted + 1e-3) {
        bound_db_ = wanted;
        rig_.judge.ceiling(amplitude_toward_zero({wanted}), now + grace_ns);
        tighten_since_ns_.reset();
        unmet_since_ns_.reset();
    } else if (now - *tighten_since_ns_ > in_force_within_ns || now - unmet_since_ns_.value_or(now) > any_in_force_within_ns) {
        violate("a ceiling of " + std::to_string(wanted) + " dB does not come into force\n" + rig_.daemon->text());
        tighten_since_ns_.reset();
        unmet_since_ns_.reset();
    }
}

} // namespace soundwarden::fault
