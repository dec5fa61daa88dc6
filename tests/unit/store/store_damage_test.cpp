// SPDX-License-Identifier: MIT
// What a store does with a database that is damaged, locked, full, not writable or not ours: it goes on, and says so.
#include "store_world.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>
#include <sys/resource.h>

namespace soundwarden::test {
namespace {

using host::Store;

void expect_set_aside(const fs::path &directory) {
    Store store{directory};
    EXPECT_NE(store.notice().find("state.db.broken-1"), std::string::npos) << store.notice();
    EXPECT_EQ(store.trouble().sentence, "") << "the new one works";
    EXPECT_EQ(store.set_aside().token, "state-set-aside");
    EXPECT_NE(store.set_aside().sentence.find("state.db.broken-1"), std::string::npos);
    EXPECT_NE(store.set_aside().sentence.find("the event log of before"), std::string::npos) << store.set_aside().sentence;
    EXPECT_TRUE(fs::exists(directory / "state.db.broken-1"));
    store.put_volume("new", LoadClass::ears, 0.5);
    EXPECT_EQ(Store{directory}.load().volumes.size(), 1U);
    EXPECT_EQ(Store{directory}.notice(), "");
    EXPECT_EQ(Store{directory}.set_aside().sentence, "") << "it is over with the next start";
}

TEST_F(StoreTest, SetsAFileAsideThatIsNoDatabase) {
    fs::create_directories(directory);
    std::ofstream{file} << std::string(5000, 'x');
    expect_set_aside(directory);
    EXPECT_EQ(slurp(directory / "state.db.broken-1"), std::string(5000, 'x')) << "nothing is thrown away";
}

TEST_F(StoreTest, SetsADamagedDatabaseAside) {
    {
        Store store = open();
        for (int n = 0; n < 500; ++n) store.put_volume("output_" + std::to_string(n), LoadClass::ears, 0.5);
    }
    damage_table(file, "volumes");
    expect_set_aside(directory);
}

TEST_F(StoreTest, SetsATruncatedDatabaseAside) {
    {
        Store store = open();
        for (int n = 0; n < 500; ++n) store.put_volume("output_" + std::to_string(n), LoadClass::ears, 0.5);
    }
    fs::resize_file(file, fs::file_size(file) / 2 + 100);
    expect_set_aside(directory);
}

TEST_F(StoreTest, SetsADatabaseOfANewerVersionAside) {
    { const Store store = open(); }
    Raw{file}.run("PRAGMA user_version = 5");
    expect_set_aside(directory);
}

TEST_F(StoreTest, BeginsAnEmptyFile) {
    fs::create_directories(directory);
    std::ofstream{file} << "";
    const Store store = open();
    EXPECT_EQ(store.notice(), "");
    EXPECT_EQ(store.trouble().sentence, "");
}

TEST_F(StoreTest, EachBrokenOneIsKept) {
    fs::create_directories(directory);
    for (int n = 1; n <= 3; ++n) {
        std::ofstream{file} << std::string(5000, static_cast<char>('0' + n));
        const Store store = open();
    }
    EXPECT_EQ(slurp(directory / "state.db.broken-3").front(), '3');
    EXPECT_EQ(slurp(directory / "state.db.broken-1").front(), '1');
}

TEST_F(StoreTest, ADirectoryThatCannotBeMadeIsTroubleAndNotTheEnd) {
    std::ofstream{temp.path() / "plain-file"} << "";
    Store store{temp.path() / "plain-file" / "state"};
    EXPECT_EQ(store.trouble().token, "state-store");
    EXPECT_NE(store.trouble().sentence, "");
    store.put_volume("a", LoadClass::ears, 0.5);
    EXPECT_EQ(store.load().volumes.size(), 1U) << "it is remembered in memory";
    EXPECT_NE(Store{""}.trouble().sentence, "");
}

TEST_F(StoreTest, WhatCouldNotBeWrittenIsWrittenOnceItCan) {
    std::ofstream{temp.path() / "deep"} << "in the way";
    Store store = open();
    store.put_volume("a", LoadClass::ears, 0.5);
    store.put_mark("sink", "route", 0.1);
    ASSERT_NE(store.trouble().sentence, "");
    fs::remove(temp.path() / "deep");
    store.put_volume("b", LoadClass::ears, 0.25);
    EXPECT_EQ(store.trouble().sentence, "");
    const auto all = Store{directory}.load();
    EXPECT_EQ(all.volumes.size(), 2U);
    EXPECT_EQ(all.marks.size(), 1U);
}

TEST_F(StoreTest, AReadOnlyDirectoryIsTroubleAndTheFileIsLeftAlone) {
    {
        Store store = open();
        store.put_volume("a", LoadClass::ears, 0.5);
    }
    const std::string before = slurp(file);
    fs::permissions(temp.path(), fs::perms::all);
    fs::permissions(temp.path() / "deep", fs::perms::all);
    fs::permissions(directory, fs::perms{0555});
    fs::permissions(file, fs::perms{0444});
    // Root may write anywhere: be somebody else.
    EXPECT_EQ(in_child([&] {
                  if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 98;
                  Store store = open();
                  store.put_volume("b", LoadClass::ears, 0.25);
                  return store.trouble().sentence.empty() ? 1 : store.notice().empty() ? 0 : 2;
              }),
              0);
    fs::permissions(directory, fs::perms{0700});
    EXPECT_EQ(slurp(file), before);
    EXPECT_FALSE(fs::exists(directory / "state.db.broken-1"));
}

TEST_F(StoreTest, AFullDiskIsTroubleAndPasses) {
    EXPECT_EQ(in_child([&] {
                  std::signal(SIGXFSZ, SIG_IGN);
                  Store store = open();
                  store.put_volume("before", LoadClass::ears, 0.5);
                  const auto size = static_cast<rlim_t>(fs::file_size(directory / "state.db-wal"));
                  rlimit limit{};
                  getrlimit(RLIMIT_FSIZE, &limit);
                  const rlimit full{size, limit.rlim_max};
                  setrlimit(RLIMIT_FSIZE, &full);
                  for (int n = 0; n < 50; ++n) store.put_volume("more_" + std::to_string(n), LoadClass::ears, 0.5);
                  if (store.trouble().sentence.empty()) return 1;
                  if (store.load().volumes.size() != 51) return 2;
                  setrlimit(RLIMIT_FSIZE, &limit);
                  store.put_volume("after", LoadClass::ears, 0.5);
                  return store.trouble().sentence.empty() ? 0 : 3;
              }),
              0);
    EXPECT_EQ(Store{directory}.load().volumes.size(), 52U) << "everything came to the disk in the end";
}

TEST_F(StoreTest, AForeignLockIsWaitedForOnlyShortly) {
    Store store = open();
    Raw other{file};
    other.run("BEGIN IMMEDIATE");
    const auto begin = std::chrono::steady_clock::now();
    store.put_volume("a", LoadClass::ears, 0.5);
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, std::chrono::milliseconds{200});
    EXPECT_LT(took, test::scaled(std::chrono::milliseconds{1000}));
    EXPECT_NE(store.trouble().sentence, "");
    const auto again = std::chrono::steady_clock::now();
    store.put_volume("c", LoadClass::ears, 0.5);
    EXPECT_LT(std::chrono::steady_clock::now() - again, std::chrono::milliseconds{200}) << "who waited once does not wait again";
    EXPECT_FALSE(store.put_answer("a", full_answer(), Duration{0}, 0)) << "nobody is told that this is kept";
    other.run("ROLLBACK");
    store.put_volume("b", LoadClass::ears, 0.5);
    EXPECT_EQ(store.trouble().sentence, "");
    EXPECT_EQ(Store{directory}.load().volumes.size(), 3U);
    EXPECT_EQ(Store{directory}.load().answers.size(), 1U);
    EXPECT_FALSE(fs::exists(directory / "state.db.broken-1"));
}


TEST_F(StoreTest, ADatabaseOfSomethingElseIsSetAside) {
    begin_with("CREATE TABLE bookmarks(address TEXT); INSERT INTO bookmarks VALUES('kept');");
    expect_set_aside(directory);
    EXPECT_EQ(Raw{directory / "state.db.broken-1"}.value("SELECT address FROM bookmarks"), "kept");
}

TEST_F(StoreTest, ATableThatIsNotWhatItShouldBeIsReasonToSetItAside) {
    for (const std::string harm : {"DROP TABLE answers", "ALTER TABLE volumes RENAME COLUMN volume TO loudness", "DROP TABLE log; CREATE VIEW log AS SELECT 1 AS id"}) {
        fs::remove_all(directory);
        { const Store store = open(); }
        Raw{file}.run(harm);
        Store store = open();
        EXPECT_EQ(broken().size(), 1U) << harm;
        EXPECT_EQ(store.trouble().sentence, "") << harm;
        EXPECT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 0)) << harm;
    }
}

TEST_F(StoreTest, WhatIsSoundInADamagedDatabaseIsKept) {
    {
        Store store = open();
        store.put_volume("a", LoadClass::ears, 0.5);
        store.put_panic(true);
        EXPECT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 0));
        EXPECT_TRUE(store.put_answer("b", full_answer(), Duration{0}, 0));
        store.log(entry("edge", "s", "t"));
    }
    damage_table(file, "volumes");
    {
        Store store = open();
        EXPECT_NE(store.set_aside().sentence.find("volumes"), std::string::npos) << store.set_aside().sentence;
        EXPECT_EQ(store.set_aside().sentence.find(", answers"), std::string::npos) << store.set_aside().sentence;
        EXPECT_TRUE(store.load().volumes.empty());
    }
    const auto all = open().load();
    EXPECT_EQ(all.answers.size(), 2U);
    EXPECT_TRUE(all.panic);
    EXPECT_EQ(broken().size(), 1U);
}

TEST_F(StoreTest, ADamagedEventLogCostsNothingElse) {
    {
        Store store = open();
        EXPECT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 0));
        for (int n = 0; n < 300; ++n) store.log(entry("edge", "s", std::string(100, 'x') + std::to_string(n)));
    }
    {
        // The page with the oldest entries: the newest are read at the start.
        const auto at = slurp(file).find(std::string(100, 'x') + "0");
        ASSERT_NE(at, std::string::npos);
        std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
        bytes.seekp(static_cast<std::streamoff>(at / 4096 * 4096));
        bytes << std::string(4096, '\xa5');
    }
    Store store = open();
    EXPECT_EQ(store.set_aside().sentence, "") << "after a clean end it is not looked at";
    store.log(entry("edge", "s", "new"));
    const auto found = store.read_log({});
    ASSERT_EQ(found.size(), 1U) << "what waits is there all the same";
    EXPECT_EQ(found[0].text, "new");
    EXPECT_NE(store.set_aside().sentence, "");
    EXPECT_EQ(store.trouble().sentence, "");
    EXPECT_TRUE(store.flush());
    EXPECT_EQ(open().load().answers.size(), 1U);
    EXPECT_EQ(open().read_log({}).size(), 1U);
    EXPECT_EQ(broken().size(), 1U);
}

TEST_F(StoreTest, AfterAnUncleanEndTheEventLogIsLookedAtToo) {
    EXPECT_EQ(in_child([&]() -> int {
                  Store store = open();
                  EXPECT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 0));
                  for (int n = 0; n < 300; ++n) store.log(entry("edge", "s", std::string(100, 'x') + std::to_string(n)));
                  store.flush();
                  _exit(7); // without a close
              }),
              7);
    ASSERT_GT(fs::file_size(file.string() + "-wal"), 0U);
    {
        // Into the file itself, so that the damage lies in a page and not in what is not yet there.
        Raw raw{file};
        raw.run("PRAGMA wal_checkpoint(PASSIVE)");
        const auto page = std::stoll(raw.value("SELECT rootpage FROM sqlite_schema WHERE name = 'log'"));
        ASSERT_GT(fs::file_size(file), static_cast<std::uintmax_t>(page) * 4096);
        std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
        bytes.seekp((page - 1) * 4096);
        bytes << std::string(4096, '\xa5');
    }
    spill(file.string() + "-wal", std::string(32, '\0')); // as a killed run leaves it after a checkpoint
    Store store = open();
    EXPECT_NE(store.set_aside().sentence, "");
    EXPECT_EQ(store.load().answers.size(), 1U);
}

TEST_F(StoreTest, ADatabaseThatIsDamagedWhileItIsUsedLosesNothingButTheLog) {
    Store store = open();
    for (int n = 0; n < 400; ++n) store.put_volume("output_" + std::to_string(n), LoadClass::ears, 0.5);
    EXPECT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 0));
    // Another connection's write makes the store read its pages anew.
    Raw{file}.run("PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO left_alone VALUES('other'); PRAGMA wal_checkpoint(TRUNCATE);");
    {
        std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
        const auto size = fs::file_size(file);
        bytes.seekp(4096);
        bytes << std::string(size - 4096, '\xa5');
    }
    for (int n = 0; n < 400; ++n) store.put_volume("output_" + std::to_string(n), LoadClass::ears, 0.25);
    EXPECT_NE(store.set_aside().sentence, "");
    EXPECT_EQ(store.trouble().sentence, "");
    const auto all = Store{directory}.load();
    EXPECT_EQ(all.volumes.size(), 400U);
    EXPECT_EQ(all.answers.size(), 1U);
    EXPECT_TRUE(std::all_of(all.volumes.begin(), all.volumes.end(), [](const auto &each) { return each.volume == 0.25; }));
}

TEST_F(StoreTest, ADiskThatFailsAgainAndAgainIsNotFilled) {
    Store store = open();
    for (int round = 0; round < 6; ++round) {
        Raw{file}.run("PRAGMA wal_checkpoint(TRUNCATE)");
        Raw{file}.run("DROP TABLE IF EXISTS volumes");
        store.put_volume("a" + std::to_string(round), LoadClass::ears, 0.5);
    }
    EXPECT_EQ(broken().size(), 3U);
    EXPECT_NE(store.trouble().sentence.find("again and again"), std::string::npos) << store.trouble().sentence;
    EXPECT_EQ(store.load().volumes.size(), 6U);
}

// ---- locked

TEST_F(StoreTest, ADatabaseThatIsLockedAtTheStartIsLeftAlone) {
    {
        Store store = open();
        EXPECT_TRUE(store.put_answer("kept", full_answer(), Duration{0}, 0));
        EXPECT_TRUE(store.put_answer("forgotten", full_answer(), Duration{0}, 0));
        store.put_left_alone("no-longer", true);
    }
    auto other = std::make_unique<Raw>(file);
    other->run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO left_alone VALUES('theirs'); COMMIT; BEGIN EXCLUSIVE;");
    Store store = open();
    EXPECT_NE(store.trouble().sentence, "");
    EXPECT_EQ(store.set_aside().sentence, "");
    EXPECT_TRUE(store.load().answers.empty());
    EXPECT_FALSE(store.put_answer("new", full_answer(), Duration{0}, 0));
    EXPECT_FALSE(store.put_answer("forgotten", std::nullopt, Duration{0}, 0));
    store.put_left_alone("no-longer", false);
    store.log(entry("edge", "s", "while it was locked"));
    EXPECT_FALSE(store.flush());
    other.reset();
    EXPECT_TRUE(store.flush()) << "all of it comes to the disk once it can";
    EXPECT_EQ(store.trouble().sentence, "");
    const auto all = Store{directory}.load();
    EXPECT_TRUE(answer_of(all, "kept")) << "what could not be read is not thrown away";
    EXPECT_TRUE(answer_of(all, "new"));
    EXPECT_FALSE(answer_of(all, "forgotten")) << "nor does it come back";
    EXPECT_EQ(all.left_alone, std::vector<OutputId>{"theirs"});
    EXPECT_EQ(Store{directory}.read_log({}).size(), 1U);
    EXPECT_TRUE(broken().empty());
}

TEST_F(StoreTest, AllAnswersAreForgottenAlsoWhereTheyCouldNotBeRead) {
    { EXPECT_TRUE(open().put_answer("old", full_answer(), Duration{0}, 0)); }
    auto other = std::make_unique<Raw>(file);
    other->run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO left_alone VALUES('theirs'); COMMIT; BEGIN EXCLUSIVE;");
    Store store = open();
    EXPECT_FALSE(store.put_answer("", std::nullopt, Duration{0}, 0));
    EXPECT_FALSE(store.put_answer("new", full_answer(), Duration{0}, 0));
    other.reset();
    store.put_volume("a", LoadClass::ears, 0.5);
    EXPECT_EQ(store.trouble().sentence, "");
    const auto all = Store{directory}.load();
    ASSERT_EQ(all.answers.size(), 1U);
    EXPECT_EQ(all.answers[0].output, "new");
}

// ---- full

TEST_F(StoreTest, OnAFullDiskTheNewestEntriesWaitInMemory) {
    EXPECT_EQ(in_child([&] {
                  std::signal(SIGXFSZ, SIG_IGN);
                  Store store = open();
                  store.put_volume("before", LoadClass::ears, 0.5);
                  rlimit limit{};
                  getrlimit(RLIMIT_FSIZE, &limit);
                  const rlimit full{static_cast<rlim_t>(fs::file_size(directory / "state.db-wal")), limit.rlim_max};
                  setrlimit(RLIMIT_FSIZE, &full);
                  std::size_t waiting = 0;
                  for (int n = 0; n < 10'000; ++n) {
                      waiting = store.log(entry("edge", "s", "entry " + std::to_string(n)));
                      if (n % 1000 == 0 && store.flush()) return 1;
                  }
                  if (waiting != 4096) return 2;
                  if (store.put_answer("a", full_answer(), Duration{0}, 0)) return 3;
                  if (store.trouble().sentence.empty()) return 4;
                  const auto seen = store.read_log({.what = {}, .subject = {}, .most = 100'000});
                  if (seen.size() != 4096 || seen.back().text != "entry 9999") return 5;
                  setrlimit(RLIMIT_FSIZE, &limit);
                  return store.flush() && store.trouble().sentence.empty() ? 0 : 6;
              }),
              0);
    Store store = open();
    const auto found = store.read_log({.what = {}, .subject = {}, .most = 100'000});
    ASSERT_EQ(found.size(), 4097U);
    EXPECT_EQ(found.front().what, "log");
    EXPECT_NE(found.front().text.find("5904 entries"), std::string::npos) << found.front().text;
    EXPECT_EQ(found[1].text, "entry 5904");
    EXPECT_TRUE(answer_of(store.load(), "a")) << "and so did the answer";
    EXPECT_TRUE(broken().empty());
}

// ---- anything at all

/// In memory where the machine has a place for that: thousands of databases that wait for no disk.
class AnyFileTest : public StoreTest {
  protected:
    void SetUp() override {
        std::string name = "/dev/shm/soundwarden-store-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) return;
        place_ = name;
        directory = place_ / "soundwarden";
        file = directory / "state.db";
    }
    void TearDown() override {
        std::error_code none;
        if (!place_.empty()) fs::remove_all(place_, none);
    }

  private:
    fs::path place_;
};

/// Opens, uses and opens again; a crash or a hang is the test's own.
void expect_usable(const fs::path &directory, const std::string &what) {
    {
        Store store{directory};
        static_cast<void>(store.load());
        static_cast<void>(store.read_log({}));
        store.put_volume("new", LoadClass::ears, 0.125);
        store.log(entry("edge", "s", "new"));
        store.flush();
        store.flush(); // where the first one found the damage
        EXPECT_EQ(store.trouble().sentence, "") << what;
        EXPECT_TRUE(store.put_answer("new", full_answer(), Duration{0}, 0)) << what << ": " << store.trouble().sentence;
    }
    Store store{directory};
    EXPECT_EQ(store.trouble().sentence, "") << what;
    const auto all = store.load();
    EXPECT_TRUE(std::any_of(all.volumes.begin(), all.volumes.end(), [](const auto &each) { return each.output == "new" && each.volume == 0.125; })) << what;
    EXPECT_TRUE(answer_of(all, "new")) << what;
    const auto log = store.read_log({});
    EXPECT_TRUE(!log.empty() && log.back().text == "new") << what;
}

std::string sound_database(const fs::path &directory) {
    {
        Store store{directory};
        for (int n = 0; n < 60; ++n) {
            store.put_volume("output_" + std::to_string(n), LoadClass::ears, 0.5);
            store.put_mark("sink_" + std::to_string(n), "route", 0.1);
            EXPECT_TRUE(store.put_answer("output_" + std::to_string(n), full_answer(), Duration{0}, 0));
            store.log(entry("edge", "sink_" + std::to_string(n), std::string(200, 'x') + std::to_string(n)));
        }
    }
    return slurp(directory / "state.db");
}

TEST_F(AnyFileTest, RandomDamageIsSurvived) {
    const std::string sound = sound_database(directory);
    const int seeds = nightly() ? 20'000 : 300;
    int set_aside = 0;
    for (int seed = 0; seed < seeds; ++seed) {
        std::mt19937 random{static_cast<std::uint32_t>(seed)};
        const auto below = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random); };
        std::string bytes = sound;
        // Some hit the header, which decides most.
        const std::size_t reach = seed % 3 == 0 ? 200 : bytes.size();
        for (std::size_t hits = 1 + below(seed % 5 == 0 ? 400 : 8); hits > 0; --hits) bytes[below(reach)] = static_cast<char>(below(256));
        fs::remove_all(directory);
        fs::create_directories(directory);
        spill(file, bytes);
        if (seed % 4 == 0) { // and a log of changes that is none
            std::string wal(below(10'000) + 1, '\0');
            for (char &each : wal) each = static_cast<char>(below(256));
            spill(file.string() + "-wal", wal);
        }
        expect_usable(directory, "seed " + std::to_string(seed));
        set_aside += broken().empty() ? 0 : 1;
        if (HasFailure()) break;
    }
    std::cout << seeds << " damaged databases, " << set_aside << " of them set aside\n";
    EXPECT_GT(set_aside, seeds / 10);
    EXPECT_LT(set_aside, seeds) << "not every byte matters";
}

TEST_F(AnyFileTest, RandomDamageToTheLogOfChangesIsSurvived) {
    EXPECT_EQ(in_child([&]() -> int {
                  const auto bytes = sound_database(directory);
                  Store store{directory};
                  for (int n = 0; n < 60; ++n) store.put_volume("output_" + std::to_string(n), LoadClass::ears, 0.25);
                  _exit(7);
              }),
              7);
    const std::string base = slurp(file), wal = slurp(file.string() + "-wal");
    ASSERT_GT(wal.size(), 100'000U);
    const int seeds = nightly() ? 5000 : 100;
    for (int seed = 0; seed < seeds && !HasFailure(); ++seed) {
        std::mt19937 random{static_cast<std::uint32_t>(seed)};
        const auto below = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random); };
        std::string bytes = wal;
        if (seed % 2 == 0) bytes.resize(below(bytes.size()) + 1);
        else
            for (std::size_t hits = 1 + below(20); hits > 0; --hits) bytes[below(seed % 3 == 0 ? 64 : bytes.size())] = static_cast<char>(below(256));
        fs::remove_all(directory);
        fs::create_directories(directory);
        spill(file, base);
        spill(file.string() + "-wal", bytes);
        expect_usable(directory, "seed " + std::to_string(seed));
        EXPECT_TRUE(broken().empty()) << "what a checksum does not cover is not taken";
    }
}

TEST_F(AnyFileTest, ADatabaseThatEndsAnywhereIsSurvived) {
    const std::string sound = sound_database(directory);
    ASSERT_GT(sound.size(), 40'000U);
    for (std::size_t end = 0; end < sound.size() && !HasFailure(); end += 512) {
        fs::remove_all(directory);
        fs::create_directories(directory);
        spill(file, sound.substr(0, end));
        expect_usable(directory, "cut at " + std::to_string(end));
    }
}

TEST_F(AnyFileTest, AnyGarbageIsSurvived) {
    const int seeds = nightly() ? 5000 : 100;
    for (int seed = 0; seed < seeds && !HasFailure(); ++seed) {
        std::mt19937 random{static_cast<std::uint32_t>(seed)};
        std::string bytes(std::uniform_int_distribution<std::size_t>{1, 20'000}(random), '\0');
        for (char &each : bytes) each = static_cast<char>(std::uniform_int_distribution<int>{0, 255}(random));
        if (seed % 2 == 0) bytes.replace(0, 16, std::string{"SQLite format 3\0", 16});
        fs::remove_all(directory);
        fs::create_directories(directory);
        spill(file, bytes);
        expect_usable(directory, "seed " + std::to_string(seed));
    }
}

} // namespace
} // namespace soundwarden::test
