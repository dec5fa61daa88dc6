// SPDX-License-Identifier: MIT
// What a store promised is kept when its process is killed at any moment, and where the power fails, what it confirmed.
#include "store_world.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <iostream>
#include <map>
#include <random>
#include <sys/syscall.h>
#include <utility>

// ---- a disk that keeps only what it was told to keep -----------------------------------------------------------------

namespace {

/// While this is not empty, every file that is synchronised in it is copied to the disk beside it, and with the directory go
/// the files that are no longer there: what a power cut leaves.
std::string watched_directory;
std::string disk_directory;
int synchronised = 0;

void copy_to_disk(int descriptor) {
    if (watched_directory.empty()) return;
    std::error_code none;
    const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), none);
    if (!none && path == watched_directory)
        for (const auto &each : std::filesystem::directory_iterator(disk_directory))
            if (!std::filesystem::exists(path / each.path().filename(), none)) std::filesystem::remove(each.path(), none);
    if (none || path.parent_path() != watched_directory || !std::filesystem::is_regular_file(path, none)) return;
    ++synchronised;
    std::filesystem::copy_file(path, std::filesystem::path{disk_directory} / path.filename(), std::filesystem::copy_options::overwrite_existing, none);
}

} // namespace

// In place of the C library's, for SQLite.
extern "C" __attribute__((visibility("default"))) int fdatasync(int descriptor) {
    copy_to_disk(descriptor);
    return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}
extern "C" __attribute__((visibility("default"))) int fsync(int descriptor) {
    copy_to_disk(descriptor);
    return static_cast<int>(syscall(SYS_fsync, descriptor));
}

namespace soundwarden::test {
namespace {

using host::Store;

class PowerTest : public StoreTest {
  protected:
    fs::path disk = temp.path() / "disk";
    void SetUp() override {
        fs::create_directories(directory);
        fs::create_directories(disk);
        watched_directory = fs::canonical(directory).string();
        disk_directory = disk.string();
        synchronised = 0;
    }
    void TearDown() override { watched_directory.clear(); }
    /// What the next start finds.
    engine::Remembered after_a_power_cut() {
        const auto copy = temp.path() / "after";
        fs::remove_all(copy);
        fs::copy(disk, copy);
        const auto watched = std::exchange(watched_directory, std::string{});
        Store store{copy};
        EXPECT_EQ(store.notice(), "");
        watched_directory = watched;
        return store.load();
    }
};

TEST_F(PowerTest, AConfirmedAnswerIsOnTheDisk) {
    Store store = open();
    for (std::uint32_t n = 0; n < 20; ++n) {
        store.put_volume("counter", LoadClass::ears, n);
        Answer answer = full_answer(n % 2 == 0 ? Load::in_ear : Load::active_speakers);
        answer.fingerprint.ohms_bucket = n;
        ASSERT_TRUE(store.put_answer("a", answer, Duration{0}, 0));
        const auto all = after_a_power_cut();
        ASSERT_TRUE(answer_of(all, "a"));
        EXPECT_EQ(answer_of(all, "a")->answer, answer);
        EXPECT_EQ(all.volumes.at(0).volume, n) << "and so is all from before";
    }
    ASSERT_TRUE(store.put_answer("a", std::nullopt, Duration{0}, 0));
    EXPECT_FALSE(answer_of(after_a_power_cut(), "a")) << "what was taken back stays so";
    ASSERT_TRUE(store.put_answer("b", full_answer(), Duration{0}, 0));
    ASSERT_TRUE(store.put_answer("", std::nullopt, Duration{0}, 0));
    EXPECT_TRUE(after_a_power_cut().answers.empty());
}

TEST_F(PowerTest, OnlyConfirmedAnswersWaitForTheDisk) {
    Store store = open();
    ASSERT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 0));
    const int before = synchronised;
    EXPECT_GT(before, 0) << "the disk of this test sees nothing";
    store.put_volume("a", LoadClass::ears, 0.5);
    store.put_mark("sink", "route", 0.5);
    EXPECT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 1)); // used, in the middle of a plug
    store.log(entry("edge", "s", "t"));
    EXPECT_TRUE(store.flush());
    EXPECT_EQ(synchronised, before);
    ASSERT_TRUE(store.put_answer("a", full_answer(Load::headset), Duration{0}, 0));
    EXPECT_GT(synchronised, before);
}

TEST_F(PowerTest, WhatIsSavedAfterTroubleIsOnTheDiskToo) {
    auto other = std::make_unique<Raw>(file);
    Store store = open();
    other->run("BEGIN IMMEDIATE");
    EXPECT_FALSE(store.put_answer("a", full_answer(), Duration{0}, 0));
    other.reset();
    EXPECT_TRUE(store.flush());
    EXPECT_TRUE(answer_of(after_a_power_cut(), "a"));
}

// ---- SIGKILL ---------------------------------------------------------------------------------------------------------

/// What the writer tells before and after each act.
struct Note {
    enum Kind : std::uint32_t { begins, confirmed, volume, flushed } kind = begins;
    std::uint32_t output = 0; ///< of an answer
    std::uint32_t value = 0;  ///< its ohms bucket, 0: forgotten; the volume; how many entries were logged
};

constexpr std::uint32_t outputs = 5;

/// No run's is a part of another's.
std::string subject_of(std::uint32_t first_value) { return "run " + std::to_string(first_value) + "."; }

[[noreturn]] void write_until_killed(const fs::path &directory, std::uint32_t seed, std::uint32_t first_value, int to) {
    const auto tell = [to](const Note &note) {
        if (write(to, &note, sizeof note) != sizeof note) _exit(1);
    };
    std::mt19937 random{seed};
    Store store{directory};
    if (!store.trouble().sentence.empty() || !store.notice().empty()) _exit(2);
    std::uint32_t logged = 0;
    for (std::uint32_t value = first_value;; ++value) {
        switch (random() % 4) {
        case 0: {
            const auto output = static_cast<std::uint32_t>(random() % outputs);
            const bool forget = random() % 4 == 0;
            Answer answer = full_answer();
            answer.fingerprint.ohms_bucket = value;
            tell({Note::begins, output, forget ? 0 : value});
            if (!store.put_answer("output_" + std::to_string(output), forget ? std::nullopt : std::optional{answer}, Duration{0}, 0)) _exit(3);
            tell({Note::confirmed, output, forget ? 0 : value});
            break;
        }
        case 1:
            store.put_volume("counter", LoadClass::ears, value);
            tell({Note::volume, 0, value});
            break;
        case 2:
            for (auto n = random() % 40; n > 0; --n) store.log(entry("edge", subject_of(first_value), std::to_string(++logged)));
            break;
        default:
            if (!store.flush()) _exit(4);
            tell({Note::flushed, 0, logged});
        }
    }
}

/// What must hold after any number of runs.
struct Promised {
    std::map<std::uint32_t, std::uint32_t> answers;   ///< confirmed, by output
    std::map<std::uint32_t, std::uint32_t> unsure;    ///< began, and may be there or not
    std::uint32_t volume = 0;
    std::uint32_t flushed = 0; ///< entries of this run
    int confirmed = 0;

    void take(const Note &note) {
        switch (note.kind) {
        case Note::begins: unsure[note.output] = note.value; break;
        case Note::confirmed:
            answers[note.output] = note.value;
            unsure.erase(note.output);
            ++confirmed;
            break;
        case Note::volume: volume = note.value; break;
        case Note::flushed: flushed = note.value; break;
        }
    }
};

void expect_kept(Store &store, Promised &promised, std::uint32_t run) {
    ASSERT_EQ(store.notice(), "") << "it had to be set aside";
    ASSERT_EQ(store.trouble().sentence, "");
    const auto all = store.load();
    for (std::uint32_t output = 0; output < outputs; ++output) {
        const auto found = answer_of(all, "output_" + std::to_string(output));
        const std::uint32_t value = found ? found->answer.fingerprint.ohms_bucket.value_or(0) : 0;
        const auto promise = promised.answers.find(output);
        const bool kept = value == (promise == promised.answers.end() ? 0 : promise->second);
        const auto unsure = promised.unsure.find(output);
        EXPECT_TRUE(kept || (unsure != promised.unsure.end() && unsure->second == value)) << "output " << output << " has " << value;
        promised.answers[output] = value;
    }
    promised.unsure.clear();
    for (const auto &each : all.volumes)
        if (each.output == "counter") { EXPECT_GE(each.volume, promised.volume); }
    EXPECT_TRUE(promised.volume == 0 || !all.volumes.empty());
    host::LogQuery query;
    query.subject = subject_of(run);
    query.most = 50'000;
    const auto log = store.read_log(query);
    ASSERT_GE(log.size(), promised.flushed);
    for (std::size_t n = 0; n < log.size(); ++n) ASSERT_EQ(log[n].text, std::to_string(n + 1)) << "without a gap";
}

TEST_F(StoreTest, KilledAtAnyMomentNothingConfirmedIsLost) {
    const int kills = nightly() ? 1000 : 30;
    const auto seed = static_cast<std::uint32_t>(20'261'201);
    std::mt19937 random{seed};
    Promised promised;
    int acts = 0, before_the_first = 0;
    for (int kill_number = 0; kill_number < kills && !HasFailure(); ++kill_number) {
        if (kill_number % 10 == 0) { // anew; some with an old database, some with a new one
            fs::remove_all(directory);
            promised = {};
            if (kill_number % 20 == 0) begin_with(version_1);
        }
        std::array<int, 2> ends{};
        ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
        const auto first_value = static_cast<std::uint32_t>(kill_number) * 500 + 1;
        const pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            write_until_killed(directory, seed + static_cast<std::uint32_t>(kill_number), first_value, ends[1]);
        }
        close(ends[1]);
        promised.volume = 0;
        promised.flushed = 0;
        // Every third in the opening, the others somewhere after some acts; the moment is what is tested.
        int notes = 0;
        const auto next_note = [&] {
            Note note;
            if (read(ends[0], &note, sizeof note) != sizeof note) return false;
            promised.take(note);
            ++notes;
            return true;
        };
        const int acts_first = kill_number % 3 == 0 ? 0 : static_cast<int>(random() % 60) + 1;
        while (notes < acts_first) ASSERT_TRUE(next_note());
        const timespec moment{0, static_cast<long>(random() % (acts_first == 0 ? 30'000'000 : 3'000'000))};
        nanosleep(&moment, nullptr);
        kill(child, SIGKILL);
        while (next_note()) {
        }
        close(ends[0]);
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the writer ended with " << WEXITSTATUS(status);
        acts += notes;
        before_the_first += notes == 0 ? 1 : 0;
        Store store{directory};
        expect_kept(store, promised, first_value);
        EXPECT_TRUE(broken().empty());
    }
    EXPECT_EQ(sql("PRAGMA integrity_check"), "ok");
    std::cout << kills << " kills (seed " << seed << "), " << before_the_first << " before the first act, " << acts << " acts told\n";
    EXPECT_GT(acts, kills) << "it wrote hardly anything";
}

} // namespace
} // namespace soundwarden::test
