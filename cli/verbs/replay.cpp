// SPDX-License-Identifier: MIT
// `replay`: a trace of the daemon's through an engine of the command's own.
#include "failure.hpp"
#include "render/replay.hpp"
#include "translate.hpp"
#include "verbs/verbs.hpp"
#include "version.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace soundwarden::cli {
namespace {

// Twice what the daemon writes at most.
constexpr std::size_t most_bytes = std::size_t{512} << 20U;
constexpr std::size_t flush_from = 65536;

/// An open file; stdin is left open.
class File {
  public:
    explicit File(const std::string &path) : descriptor_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~File() {
        if (descriptor_ > STDIN_FILENO) close(descriptor_);
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

std::string read_trace(const std::string &path) {
    const auto fail = [&](const std::string &why) { return Failure{exit_usage, path + ": " + why}; };
    const File file(path);
    if (file.descriptor() < 0) throw fail(std::generic_category().message(errno));
    std::string text;
    std::array<char, 65536> block{};
    while (true) {
        const auto got = read(file.descriptor(), block.data(), block.size());
        if (got == 0) return text;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw fail(std::generic_category().message(errno));
        text.append(block.data(), static_cast<std::size_t>(got));
        if (text.size() > most_bytes) throw fail(tr("is larger than 512 MiB: no trace of soundwardend's"));
    }
}

/// What is worth telling of a replay: what the engine says, and each output whose decision has changed.
class Story {
  public:
    explicit Story(const Global &global) : global_(global), style_(style_of_stdout(global.colour)) {}

    void hear(const trace::ReplayedStep &step, const engine::Engine &engine) {
        if (!begin_) begin_ = step.time;
        const auto after = step.time - *begin_;
        for (const engine::Effect &effect : step.effects)
            if (const auto *report = std::get_if<engine::Report>(&effect)) tell({step.line, after, *report});
        if (engine.revision() == std::exchange(revision_, engine.revision())) return;
        std::map<OutputId, engine::OutputView> now;
        for (const engine::OutputView &output : engine.snapshot().outputs) {
            const auto before = outputs_.find(output.id);
            if (before == outputs_.end() || differs(before->second, output)) tell({step.line, after, output});
            now.emplace(output.id, output);
        }
        outputs_ = std::move(now);
    }

    void end(const trace::Replay &replay) {
        switch (global_.format) {
        case Format::text: pending_ += outcome_text(replay, style_); break;
        case Format::jsonl: pending_ += outcome_line(replay); break;
        case Format::json: pending_ += replay_json(replay, told_); break;
        }
        flush();
    }
    void flush() {
        if (!pending_.empty()) write_out(std::exchange(pending_, {}));
    }

  private:
    static bool differs(const engine::OutputView &a, const engine::OutputView &b) {
        return a.decision != b.decision || a.classification.loads != b.classification.loads || a.active != b.active ||
               a.classification.confidence != b.classification.confidence;
    }

    void tell(Told told) {
        switch (global_.format) {
        case Format::text: pending_ += told_text(told, style_); break;
        case Format::jsonl: pending_ += told_line(told); break;
        case Format::json: told_.push_back(std::move(told)); break;
        }
        if (pending_.size() >= flush_from) flush();
    }

    const Global &global_;
    Style style_;
    std::string pending_;
    std::vector<Told> told_;
    std::optional<Time> begin_;
    std::uint64_t revision_ = 0;
    std::map<OutputId, engine::OutputView> outputs_;
};

} // namespace

int run_replay(const Global &global, const std::string &file) {
    const std::string text = read_trace(file);
    Story story(global);
    trace::Replay replay =
        trace::replay(text, [&](const trace::ReplayedStep &step, const engine::Engine &engine) { story.hear(step, engine); });
    if (replay.different > 0 && replay.header.version != SOUNDWARDEN_VERSION)
        replay.notices.push_back(filled(tr("it was recorded by version {0}, and this is version {1}"), replay.header.version, SOUNDWARDEN_VERSION));
    if (replay.unreadable) story.flush();
    else story.end(replay);
    write_diagnostics(replay_diagnostics(replay, file == "-" ? "<stdin>" : file));
    if (replay.unreadable) return exit_usage;
    return replay.different == 0 ? exit_ok : exit_failed;
}

} // namespace soundwarden::cli
