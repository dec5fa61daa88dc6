// SPDX-License-Identifier: MIT
// How sensing bears a machine full of bad contacts: cards with jacks that flap, on the daemon's own loop.
//
//   sense_bench [--cards 64] [--jacks 16] [--edges 10000] [--seconds 10] [--limit-ms 20]
//
// Prints how late the loop was (a timer that is due each millisecond: what everything else on the loop has to wait) and how long an edge
// took until it was told. Exit code 1: a final state was lost, or the loop was later than the limit.
#include "engine/event.hpp"
#include "pipewire_adapter/loop.hpp"
#include "sense_fakes.hpp"
#include "watcher.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace soundwarden {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct Wishes {
    std::uint32_t cards = 64;
    std::uint32_t jacks = 16;
    std::uint32_t edges_per_second = 10000;
    double seconds = 10.0;
    double limit_ms = 20.0;
};

/// Nodes without a kernel, and a sysfs without anything.
class Nodes {
  public:
    explicit Nodes(std::uint32_t cards) {
        std::string pattern = (fs::temp_directory_path() / "soundwarden-sense-bench-XXXXXX").string();
        root_ = mkdtemp(pattern.data());
        fs::create_directories(root_ / "dev/snd");
        for (std::uint32_t card = 0; card < cards; ++card) std::ofstream(root_ / "dev/snd" / ("controlC" + std::to_string(card)));
    }
    ~Nodes() { fs::remove_all(root_); }
    Nodes(const Nodes &) = delete;
    Nodes &operator=(const Nodes &) = delete;
    sense::Places places() const { return {root_ / "sys", root_ / "proc", root_ / "dev"}; }

  private:
    fs::path root_;
};

class Times {
  public:
    void add(std::chrono::nanoseconds time) { all_.push_back(std::chrono::duration<double, std::milli>(time).count()); }
    double most() const { return all_.empty() ? 0.0 : *std::max_element(all_.begin(), all_.end()); }
    void print(const char *what) {
        std::sort(all_.begin(), all_.end());
        const double last = all_.empty() ? 0.0 : static_cast<double>(all_.size() - 1);
        std::printf("%-19s %6zu times, ms:", what, all_.size());
        for (const auto &[name, part] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1.0}})
            std::printf("  %s %.3f", name, all_.empty() ? 0.0 : all_[static_cast<std::size_t>(part * last)]);
        std::printf("\n");
    }

  private:
    std::vector<double> all_;
};

class Flapping {
  public:
    explicit Flapping(Wishes wishes)
        : wishes_(wishes), nodes_(wishes.cards), main_loop_(pipewire_adapter::make_main_loop()),
          loop_(pipewire_adapter::as_loop(*main_loop_)),
          watcher_(loop_, [this](const engine::Event &event) { hear(event); }, nodes_.places(), ports()) {
        for (std::uint32_t number = 0; number < wishes.cards; ++number) {
            auto card = std::make_shared<test::FakeCard>();
            for (std::uint32_t jack = 0; jack < wishes.jacks; ++jack) card->add_jack("Line Out Jack", false, jack);
            cards_.push_back(std::move(card));
        }
    }

    int run() {
        watcher_.start();
        told_ = 0;
        const auto after = loop_.before_poll([this] { account(); });
        timer_ = loop_.timer([this] { beat(); });
        begun_ = due_ = loop_.now();
        const std::clock_t processor = std::clock();
        timer_->arm(due_);
        loop_.run();
        const double used = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
        std::printf("%u cards, %u jacks each, %llu edges in %.1f s; pictures told: %llu; processor time %.1f %%\n", wishes_.cards,
                    wishes_.jacks, static_cast<unsigned long long>(made_), wishes_.seconds, static_cast<unsigned long long>(told_),
                    100.0 * used / wishes_.seconds);
        late_.print("the loop was late");
        waited_.print("an edge waited");
        const std::size_t lost = lost_states();
        std::printf("lost final states: %zu\n", lost);
        return lost == 0 && late_.most() <= wishes_.limit_ms ? EXIT_SUCCESS : EXIT_FAILURE;
    }

  private:
    sense::Ports ports() {
        using Switches = sense::Reply<std::unique_ptr<sense::SwitchPort>>;
        return {[this](const fs::path &, std::uint32_t card) {
                    return sense::reply<std::unique_ptr<sense::ControlPort>>(std::make_unique<test::FakeControls>(cards_.at(card)));
                },
                [](const fs::path &) { return Switches::failed(ENOENT); }, [] { return std::unique_ptr<sense::DeviceMonitor>(); }};
    }

    void hear(const engine::Event &event) {
        const auto *sensed = std::get_if<engine::CardSensed>(&event);
        if (sensed == nullptr) return;
        ++told_;
        known_[sensed->facts.card] = sensed->facts;
    }

    /// Each millisecond: as many edges as are due since the last one, on whichever jacks.
    void beat() {
        const loop::Time now = loop_.now();
        late_.add(now - due_);
        const double since = std::chrono::duration<double>(now - begun_).count();
        const auto wanted = static_cast<std::uint64_t>(std::min(since, wishes_.seconds) * wishes_.edges_per_second);
        for (; made_ < wanted; ++made_) {
            const auto number = static_cast<std::uint32_t>(random_() % wishes_.cards);
            test::FakeCard &card = *cards_[number];
            const auto jack = static_cast<std::uint32_t>(random_() % wishes_.jacks) + 1;
            card.set(jack, 1 - card.controls.at(jack).values.front());
            waiting_.try_emplace(number, now);
        }
        if (since >= wishes_.seconds && waiting_.empty()) return loop_.quit(0);
        due_ = now + 1ms;
        timer_->arm(due_);
    }

    /// At the end of a round, behind the telling.
    void account() {
        const loop::Time now = loop_.now();
        std::erase_if(waiting_, [&](const auto &entry) {
            if (!cards_[entry.first]->events.empty()) return false;
            waited_.add(now - entry.second);
            return true;
        });
    }

    std::size_t lost_states() const {
        std::size_t lost = 0;
        for (std::uint32_t number = 0; number < wishes_.cards; ++number)
            for (std::uint32_t jack = 0; jack < wishes_.jacks; ++jack)
                if (known_.at(number).jacks.at(jack).plugged != (cards_[number]->controls.at(jack + 1).values.front() != 0)) ++lost;
        return lost;
    }

    Wishes wishes_;
    Nodes nodes_;
    std::shared_ptr<pipewire_adapter::MainLoop> main_loop_;
    loop::Loop &loop_;
    std::vector<std::shared_ptr<test::FakeCard>> cards_;
    sense::Watcher watcher_;
    std::unique_ptr<loop::Timer> timer_;
    std::map<std::uint32_t, CardFacts> known_;
    std::map<std::uint32_t, loop::Time> waiting_; ///< since when, by card
    std::mt19937 random_{1};
    loop::Time begun_{}, due_{};
    Times late_, waited_;
    std::uint64_t made_ = 0;
    std::uint64_t told_ = 0;
};

} // namespace
} // namespace soundwarden

int main(int count, char **arguments) {
    soundwarden::Wishes wishes;
    CLI::App app("Jacks that flap, on the daemon's loop");
    app.add_option("--cards", wishes.cards, "Sound cards")->check(CLI::Range(1, 256));
    app.add_option("--jacks", wishes.jacks, "Jacks of each")->check(CLI::Range(1, 256));
    app.add_option("--edges", wishes.edges_per_second, "Edges a second, on all of them together");
    app.add_option("--seconds", wishes.seconds, "How long");
    app.add_option("--limit-ms", wishes.limit_ms, "Latest that the loop may be");
    CLI11_PARSE(app, count, arguments);
    return soundwarden::Flapping(wishes).run();
}
