// SPDX-License-Identifier: MIT
// The event log: what is kept, merged, found and thrown away.
#include "store_world.hpp"

#include <chrono>
#include <ctime>
#include <iostream>

namespace soundwarden::test {
namespace {

using host::LogEntry;
using host::LogQuery;
using host::Store;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::size_t all_of_them = 100'000;

std::vector<std::string> texts(const std::vector<LogEntry> &entries) {
    std::vector<std::string> found;
    for (const auto &each : entries) found.push_back(each.text);
    return found;
}
using Texts = std::vector<std::string>;

TEST_F(StoreTest, LogsWhatIsFoundAgainOldestFirst) {
    Store store = open();
    wall.set_s(1'000);
    store.log({0, 0, "warning", "edge", "card", "plugged"});
    store.log({0, 2'000'123, "info", "decision", "card", "limit -9.4 dB"});
    const auto waiting = store.read_log({});
    EXPECT_TRUE(store.flush());
    const auto written = store.read_log({});
    EXPECT_EQ(waiting, written) << "what waits is found like what is written";
    ASSERT_EQ(written.size(), 2U);
    EXPECT_EQ(written[0], (LogEntry{1, 1'000'000, "warning", "edge", "card", "plugged"}));
    EXPECT_EQ(written[1], (LogEntry{2, 2'000'123, "info", "decision", "card", "limit -9.4 dB"}));
    store.log(entry("edge", "card", "unplugged"));
    EXPECT_EQ(texts(store.read_log({})), (Texts{"plugged", "limit -9.4 dB", "unplugged"})) << "both halves together";
}

TEST_F(StoreTest, TheEndOfTheStoreWritesWhatWaits) {
    { open().log(entry("edge", "card", "last words")); }
    EXPECT_EQ(texts(open().read_log({})), Texts{"last words"});
}

TEST_F(StoreTest, NothingIsWrittenBeforeAFlush) {
    Store store = open();
    store.log(entry("edge", "card", "plugged"));
    EXPECT_EQ(sql("SELECT count(*) FROM log"), "0");
    EXPECT_TRUE(store.flush());
    EXPECT_EQ(sql("SELECT count(*) FROM log"), "1");
}

TEST_F(StoreTest, SaysHowManyWait) {
    Store store = open();
    EXPECT_EQ(store.log(entry("edge", "a", "1")), 1U);
    EXPECT_EQ(store.log(entry("edge", "a", "2")), 2U);
    EXPECT_EQ(store.log(entry("edge", "a", "2")), 2U);
    EXPECT_TRUE(store.flush());
    EXPECT_EQ(store.log(entry("edge", "a", "3")), 1U);
}

TEST_F(StoreTest, EveryFilterHoldsInBothHalves) {
    Store store = open();
    const auto fill = [&](const std::string &mark) {
        store.log(entry("edge", "alsa_output.PCI-card", mark + " edge pci", 1000));
        store.log(entry("edge", "alsa_output.usb", mark + " edge usb", 2000));
        store.log(entry("decision", "alsa_output.usb", mark + " decision usb", 3000));
        store.log(entry("policy", "", mark + " policy", 4000));
    };
    fill("old");
    EXPECT_TRUE(store.flush());
    fill("new");
    const auto ask = [&](const LogQuery &query) { return texts(store.read_log(query)); };
    LogQuery by_what;
    by_what.what = "edge";
    EXPECT_EQ(ask(by_what), (Texts{"old edge pci", "old edge usb", "new edge pci", "new edge usb"}));
    by_what.what = "edg";
    EXPECT_EQ(ask(by_what), Texts{}) << "exactly";
    LogQuery by_subject;
    by_subject.subject = "pci-CARD";
    EXPECT_EQ(ask(by_subject), (Texts{"old edge pci", "new edge pci"}));
    by_subject.subject = "%";
    EXPECT_EQ(ask(by_subject), Texts{}) << "no pattern";
    by_subject.subject = "' OR 1=1 --";
    EXPECT_EQ(ask(by_subject), Texts{});
    LogQuery by_time;
    by_time.since_unix_ms = 2000;
    by_time.until_unix_ms = 3000;
    EXPECT_EQ(ask(by_time), (Texts{"old edge usb", "old decision usb", "new edge usb", "new decision usb"}));
    LogQuery few;
    few.most = 5;
    EXPECT_EQ(ask(few), (Texts{"old policy", "new edge pci", "new edge usb", "new decision usb", "new policy"})) << "the newest";
    few.most = 0;
    EXPECT_EQ(ask(few), Texts{});
    few.most = 2;
    few.what = "edge";
    few.subject = "usb";
    EXPECT_EQ(ask(few), (Texts{"old edge usb", "new edge usb"}));
}

TEST_F(StoreTest, TheOrderIsThatOfWhatHappenedAlsoWhereTheClockGoesBack) {
    Store store = open();
    store.log(entry("edge", "a", "first", 9'000'000));
    EXPECT_TRUE(store.flush());
    store.log(entry("edge", "a", "second", 1'000));
    EXPECT_EQ(texts(store.read_log({})), (Texts{"first", "second"}));
    EXPECT_TRUE(store.flush());
    EXPECT_EQ(texts(store.read_log({})), (Texts{"first", "second"}));
}

TEST_F(StoreTest, WhatIsSaidAgainIsCounted) {
    Store store = open();
    for (int n = 0; n < 1000; ++n) store.log(entry("foreign-link", "a", "removed", wall.ms() + n));
    store.log(entry("edge", "b", "plugged"));
    store.log(entry("foreign-link", "a", "removed", wall.ms() + 5000));
    EXPECT_EQ(texts(store.read_log({})), (Texts{"removed (×1001)", "plugged"})) << "another subject's words do not part them";
    EXPECT_EQ(store.read_log({})[0].unix_ms, wall.ms()) << "when it began";
    EXPECT_TRUE(store.flush());
    store.log(entry("foreign-link", "a", "removed", wall.ms() + 6000));
    EXPECT_EQ(texts(store.read_log({})), (Texts{"removed (×1001)", "plugged", "removed"})) << "a flush begins anew";
}

TEST_F(StoreTest, TheLastStateOfASubjectStaysLast) {
    Store store = open();
    for (const char *text : {"plugged", "unplugged", "plugged", "plugged", "unplugged"}) store.log(entry("edge", "a", text));
    EXPECT_EQ(texts(store.read_log({})), (Texts{"plugged", "unplugged", "plugged (×2)", "unplugged"}));
    store.log({0, 0, "warning", "edge", "a", "unplugged"});
    EXPECT_EQ(store.read_log({}).size(), 5U) << "another level is another entry";
}

TEST_F(StoreTest, TextsAreCutAndOddOnesKeptHarmless) {
    Store store = open();
    store.log({0, 0, "shout", "", std::string(5000, 's'), std::string(10'000, 't')});
    store.log({0, 0, "info", std::string(500, 'w'), "umlauts", [] {
                   std::string text;
                   for (int n = 0; n < 2000; ++n) text += "ü";
                   return text;
               }()});
    store.log({0, 0, "info", "zero", std::string{"a\0b", 3}, std::string{"c\0d", 3}});
    store.log({0, 0, "info", "quote", "'; DROP TABLE log; --", "\x1b[31m \xff"});
    EXPECT_TRUE(store.flush());
    EXPECT_EQ(store.trouble().sentence, "");
    const auto found = open().read_log({});
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0].level, "info");
    EXPECT_EQ(found[0].what, "other");
    EXPECT_EQ(found[0].subject.size(), 512U);
    EXPECT_LE(found[0].text.size(), 1280U);
    EXPECT_TRUE(found[0].text.ends_with("t…"));
    EXPECT_EQ(found[1].what.size(), 64U);
    EXPECT_TRUE(found[1].text.ends_with("ü…")) << "never half a character";
    EXPECT_EQ(found[2].subject, "a?b");
    EXPECT_EQ(found[2].text, "c?d");
    EXPECT_EQ(found[3].subject, "'; DROP TABLE log; --");
}

TEST_F(StoreTest, NumbersGoOnAfterARestart) {
    for (int run = 0; run < 3; ++run) {
        Store store = open();
        store.log(entry("edge", "a", "run " + std::to_string(run)));
        store.log(entry("edge", "b", "run " + std::to_string(run)));
    }
    const auto found = open().read_log({});
    ASSERT_EQ(found.size(), 6U);
    for (std::size_t n = 0; n < found.size(); ++n) EXPECT_EQ(found[n].id, static_cast<std::int64_t>(n) + 1);
}

TEST_F(StoreTest, AnotherWriterTakesNoEntryAway) {
    Store one = open();
    Store two = open();
    one.log(entry("edge", "a", "one"));
    two.log(entry("edge", "a", "two"));
    EXPECT_TRUE(one.flush());
    EXPECT_TRUE(two.flush());
    EXPECT_EQ(texts(open().read_log({})), (Texts{"one", "two"}));
}

/// Entries as old and as many as nobody waits for.
std::string many_entries(int count, std::int64_t first_ms, std::int64_t step_ms, std::size_t text_bytes = 60) {
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count) +
           ") INSERT INTO log SELECT i, " + std::to_string(first_ms) + " + i * " + std::to_string(step_ms) + ", 'info', 'edge', 'alsa_output.card-' || (i % 7), " +
           "substr('" + std::string(text_bytes, 'x') + "', 1, " + std::to_string(text_bytes) + ") || i FROM n";
}

TEST_F(StoreTest, KeepsFiftyThousandEntriesAndThrowsAwayTheOldest) {
    { const Store store = open(); }
    Raw{file}.run(many_entries(62'000, wall.ms() - 1000, 0));
    Store store = open();
    for (int flush = 0; flush < 4; ++flush) {
        store.log(entry("edge", "a", "flush " + std::to_string(flush)));
        EXPECT_TRUE(store.flush());
        EXPECT_EQ(sql("SELECT count(*) FROM log"), std::to_string(std::max(50'000, 62'000 + flush + 1 - 5000 * (flush + 1)))) << "in steps";
    }
    const auto found = store.read_log({.what = {}, .subject = {}, .most = all_of_them});
    EXPECT_EQ(found.size(), 50'000U);
    EXPECT_EQ(found.front().id, 12'005);
    EXPECT_EQ(found.back().text, "flush 3");
}

TEST_F(StoreTest, KeepsFourHundredDays) {
    { const Store store = open(); }
    Raw{file}.run(many_entries(1000, wall.ms() - 500 * day_ms, day_ms / 2)); // 500 days ago until now
    Store store = open();
    store.log(entry("edge", "a", "today"));
    EXPECT_TRUE(store.flush());
    const auto found = store.read_log({.what = {}, .subject = {}, .most = all_of_them});
    EXPECT_EQ(found.size(), 802U);
    EXPECT_GE(found.front().unix_ms, wall.ms() - 400 * day_ms);
}

TEST_F(StoreTest, LongEntriesMakeRoomBeforeTheFileIsTooLarge) {
    Store store = open();
    for (int flush = 0; flush < 100; ++flush) {
        for (int n = 0; n < 256; ++n) store.log(entry("edge", std::string(400, 's'), std::string(1200, 't') + std::to_string(flush * 256 + n)));
        EXPECT_TRUE(store.flush());
    }
    EXPECT_LT(fs::file_size(file), 17U << 20U);
    const auto found = store.read_log({.what = {}, .subject = {}, .most = all_of_them});
    EXPECT_GT(found.size(), 6000U);
    EXPECT_TRUE(found.back().text.ends_with("25599"));
}

TEST_F(StoreTest, AYearOfHistoryIsSmallAndAnswersFast) {
    { const Store store = open(); }
    Raw{file}.run(many_entries(50'000, wall.ms() - 365 * day_ms, 365 * day_ms / 50'000, 90));
    // This thread's own time: what else the machine does is not what is promised.
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    };
    const auto ms = [](auto span) { return std::chrono::duration<double, std::milli>(span).count(); };
    const auto start = now();
    Store store = open();
    const auto opened = now();
    LogQuery rare;
    rare.what = "never";
    rare.subject = "CARD-3";
    EXPECT_TRUE(store.read_log(rare).empty());
    const auto searched = now();
    EXPECT_EQ(store.read_log({}).size(), 1000U);
    const auto read = now();
    EXPECT_EQ(store.read_log({.what = {}, .subject = {}, .most = 10'000}).size(), 10'000U);
    const auto read_many = now();
    for (int n = 0; n < 256; ++n) store.log(entry("edge", "a", std::to_string(n)));
    const auto before = now();
    EXPECT_TRUE(store.flush());
    const auto flushed = now();
    std::cout << "50,000 entries, " << static_cast<double>(fs::file_size(file)) / (1 << 20) << " MiB: open " << ms(opened - start) << " ms, search "
              << ms(searched - opened) << " ms, newest 1,000 " << ms(read - searched) << " ms, newest 10,000 " << ms(read_many - read)
              << " ms, flush of 256 " << ms(flushed - before) << " ms\n";
    EXPECT_LT(fs::file_size(file), 20U << 20U);
    for (const auto &took : {opened - start, searched - opened, read - searched, read_many - read, flushed - before})
        EXPECT_LT(took, scaled(milliseconds{50}));
}

} // namespace
} // namespace soundwarden::test
