// SPDX-License-Identifier: MIT
// What a store keeps of what ears got.
#include "store_world.hpp"

#include <chrono>
#include <iostream>
#include <limits>

namespace soundwarden::test {
namespace {

using dose::Exposure;
using dose::Row;
using dose::Span;
using host::Store;

constexpr std::int64_t noon_s = 1'800'000'000 / 3600 * 3600;
constexpr Exposure some{0.0125, 0.005, 42.5, 87.25};

Row minute(std::int64_t start_s, const OutputId &output, const Exposure &exposure = some) { return {Span::minute, start_s, output, exposure}; }
Row hour(std::int64_t start_s, const OutputId &output, const Exposure &exposure = some) { return {Span::hour, start_s, output, exposure}; }

TEST_F(StoreTest, RemembersWhatWasHeard) {
    const double third = 1.0 / 3.0;
    const std::vector<Row> rows{minute(0, "a"),           minute(noon_s, "a", {third, third, third, 100.0 * third}),
                                minute(noon_s, "b"),      minute(noon_s + 60, "a", {0.0, 0.0, 1.0, 0.0}),
                                hour(noon_s - 3600, "b"), hour(253'402'297'200, "last hour of the year 9999")};
    {
        Store store = open();
        EXPECT_TRUE(store.dose().empty());
        EXPECT_TRUE(store.put_dose({rows[5], rows[3], rows[1], rows[0], rows[4], rows[2]}));
        EXPECT_EQ(store.dose(), rows) << "minutes, then hours, each in the order of time";
        EXPECT_EQ(store.trouble().sentence, "");
    }
    EXPECT_EQ(open().dose(), rows) << "to the last bit";
    EXPECT_EQ(sql("PRAGMA integrity_check"), "ok");
}

TEST_F(StoreTest, RowsOfTheDoseAreReplacedAndTakenAway) {
    const Exposure more{0.25, 0.0, 60.0, 91.0};
    {
        Store store = open();
        EXPECT_TRUE(store.put_dose({minute(60, "a"), minute(120, "a"), minute(120, "b"), hour(0, "a"), hour(3600, "a")}));
        EXPECT_TRUE(store.put_dose({minute(60, "a", more), minute(120, "a", {}), hour(3600, "a", {}), hour(7200, "never-was", {})}));
    }
    {
        Store store = open();
        EXPECT_EQ(store.dose(), (std::vector{minute(60, "a", more), minute(120, "b"), hour(0, "a")}));
        EXPECT_TRUE(store.put_dose({minute(60, "a"), minute(60, "a", {}), minute(60, "a", more)})) << "the last one of a slot counts";
        EXPECT_TRUE(store.put_dose({minute(120, "b", more), minute(120, "b")})) << "also where it says what is stored";
    }
    EXPECT_EQ(open().dose(), (std::vector{minute(60, "a", more), minute(120, "b"), hour(0, "a")}));
}

TEST_F(StoreTest, RowsOfTheDoseThatDidNotChangeAreNotWritten) {
    Store store = open();
    EXPECT_TRUE(store.put_dose({minute(60, "a"), hour(0, "a")}));
    Raw other{file};
    const auto before = other.value("PRAGMA data_version");
    EXPECT_TRUE(store.put_dose({minute(60, "a"), hour(0, "a"), minute(120, "never-was", {})}));
    EXPECT_TRUE(store.put_dose({}));
    EXPECT_EQ(other.value("PRAGMA data_version"), before);
    EXPECT_TRUE(store.put_dose({minute(60, "a", {1.0, 0.0, 1.0, 90.0})}));
    EXPECT_NE(other.value("PRAGMA data_version"), before);
}

TEST_F(StoreTest, RowsOfTheDoseComeTogetherOrNotAtAll) {
    Store store = open();
    EXPECT_TRUE(store.put_dose({minute(60, "a"), hour(0, "a")}));
    // Of the next two the hour cannot be written: nor is the minute, which comes before it.
    Raw{file}.run("DROP TABLE dose_hours; CREATE TABLE dose_hours(start INTEGER NOT NULL CHECK(start = 0), output TEXT NOT NULL, exposure REAL,"
                  " estimated REAL, seconds REAL, loudest REAL, PRIMARY KEY(start, output)) STRICT, WITHOUT ROWID;");
    EXPECT_TRUE(store.put_dose({minute(120, "a"), hour(3600, "a")})) << "in a new file";
    ASSERT_EQ(broken().size(), 1U);
    EXPECT_EQ(Raw{directory / "state.db.broken-1"}.value("SELECT count(*) FROM dose_minutes"), "1");
    EXPECT_EQ(Store{directory}.dose().size(), 4U);
}

TEST_F(StoreTest, TakesNoDoseThatMakesNoSense) {
    const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
    std::vector<Row> bad{minute(-60, "a"),  minute(59, "a"),          minute(3601, "a"),
                         hour(60, "a"),     hour(-3600, "a"),         hour(253'402'300'800, "a"),
                         minute(60, ""),    hour(3600, std::string(20'000, 'x')), minute(253'402'300'800, "a"),
                         minute(61, "a", {}), hour(60, "a", {})};
    for (const double number : {nan, infinity, -infinity, -1.0}) {
        bad.push_back(minute(60, "a", {number, 0.0, 1.0, 80.0}));
        bad.push_back(minute(60, "a", {1.0, number, 1.0, 80.0}));
        bad.push_back(hour(3600, "a", {1.0, 0.0, number, 80.0}));
        bad.push_back(hour(3600, "a", {1.0, 0.0, 1.0, number}));
    }
    bad.push_back(minute(60, "a", {1.0, 1.01, 1.0, 80.0}));
    bad.push_back(hour(3600, "a", {0.0, 0.1, 1.0, 80.0}));
    Store store = open();
    for (std::size_t n = 0; n < bad.size(); ++n) EXPECT_TRUE(store.put_dose({bad[n]})) << n;
    EXPECT_TRUE(store.dose().empty());
    EXPECT_EQ(store.trouble().sentence, "") << "nothing of it reached the database";
    bad.push_back(minute(60, "good"));
    bad.push_back(hour(3600, "rounded", {1.0, 1.0 + 1e-9, 1.0, 80.0}));
    EXPECT_TRUE(store.put_dose(bad));
    EXPECT_EQ(open().dose(), (std::vector{minute(60, "good"), hour(3600, "rounded", {1.0, 1.0 + 1e-9, 1.0, 80.0})}));
    EXPECT_TRUE(broken().empty());
}

TEST_F(StoreTest, TheSchemaRefusesADoseThatMakesNoSense) {
    { const Store store = open(); }
    Raw raw{file};
    for (const std::string table : {"dose_minutes", "dose_hours"}) {
        const std::string insert = "INSERT INTO " + table + " VALUES(";
        raw.run(insert + "7200, 'good', 1.0, 1.0, 2.0, 80.0)");
        for (const std::string &refused :
             {std::string{"7210, 'a', 1.0, 1.0, 2.0, 80.0)"}, std::string{"-3600, 'a', 1.0, 1.0, 2.0, 80.0)"},
              std::string{"253402300800, 'a', 1.0, 1.0, 2.0, 80.0)"}, std::string{"'noon', 'a', 1.0, 1.0, 2.0, 80.0)"},
              std::string{"3600, '', 1.0, 1.0, 2.0, 80.0)"}, "3600, '" + std::string(20'000, 'x') + "', 1.0, 1.0, 2.0, 80.0)",
              std::string{"3600, 'a', -1.0, 0.0, 2.0, 80.0)"}, std::string{"3600, 'a', 9e999, 0.0, 2.0, 80.0)"},
              std::string{"3600, 'a', 1.0, 2.0, 2.0, 80.0)"}, std::string{"3600, 'a', 1.0, -1.0, 2.0, 80.0)"},
              std::string{"3600, 'a', 1.0, 1.0, -2.0, 80.0)"}, std::string{"3600, 'a', 1.0, 1.0, NULL, 80.0)"},
              std::string{"3600, 'a', 1.0, 1.0, 2.0, 9e999)"}, std::string{"7200, 'good', 2.0, 1.0, 2.0, 80.0)"}})
            EXPECT_TRUE(raw.refuses(insert + refused)) << table << ": " << refused.substr(0, 200);
        EXPECT_EQ(raw.value("SELECT strict || wr FROM pragma_table_list WHERE name = '" + table + "'"), "11");
    }
    EXPECT_TRUE(raw.refuses("INSERT INTO dose_hours VALUES(60, 'a', 1.0, 1.0, 2.0, 80.0)")) << "no full hour";
}

TEST_F(StoreTest, RowsOfTheDoseThatMakeNoSenseAreLeftOutAndTheOthersKept) {
    { EXPECT_TRUE(open().put_dose({minute(60, "good"), hour(3600, "good")})); }
    Raw{file}.run("PRAGMA ignore_check_constraints = ON;"
                  "INSERT INTO dose_minutes VALUES(61, 'a', 1, 1, 1, 80), (-60, 'a', 1, 1, 1, 80), (60, '', 1, 1, 1, 80),"
                  " (60, 'a', -1, 0, 1, 80), (60, 'b', 1, 2, 1, 80), (60, 'c', 9e999, 0, 1, 80), (60, 'd', 1, 1, 1, -80);"
                  "INSERT INTO dose_hours VALUES(60, 'a', 1, 1, 1, 80), (3600, 'a', 1, 1, -1, 80);");
    const Store store = open();
    EXPECT_EQ(store.notice(), "");
    EXPECT_EQ(store.dose(), (std::vector{minute(60, "good"), hour(3600, "good")}));
}

// ---- schemas

TEST_F(StoreTest, Version2IsBroughtUpToDateWithAllThatItHad) {
    {
        Store store = open();
        store.put_volume("card_headphones", LoadClass::ears, 0.25);
        store.put_mark("alsa_output.card", "route", 0.064);
        store.put_left_alone("hdmi", true);
        store.put_mute("alsa_output.card", true);
        store.put_panic(true);
        EXPECT_TRUE(store.put_answer("usb", full_answer(), Duration{0}, 3));
        store.log(entry("edge", "s", "t"));
    }
    // What version 2 was: the same without these tables.
    Raw{file}.run("DROP TABLE dose_minutes; DROP TABLE dose_hours; DROP TABLE told; PRAGMA user_version = 2;");
    {
        Store store = open();
        EXPECT_EQ(store.notice(), "");
        EXPECT_EQ(store.trouble().sentence, "");
        EXPECT_TRUE(store.dose().empty());
        EXPECT_TRUE(store.put_dose({minute(60, "usb"), hour(0, "usb")}));
    }
    EXPECT_EQ(sql("PRAGMA user_version"), "4");
    Store store = open();
    EXPECT_EQ(store.dose().size(), 2U);
    const auto all = store.load();
    ASSERT_EQ(all.volumes.size(), 1U);
    EXPECT_EQ(all.volumes[0].volume, 0.25);
    EXPECT_EQ(all.marks.size(), 1U);
    EXPECT_EQ(all.left_alone, std::vector<OutputId>{"hdmi"});
    EXPECT_EQ(all.mutes.size(), 1U);
    EXPECT_TRUE(all.panic);
    ASSERT_TRUE(answer_of(all, "usb"));
    EXPECT_EQ(answer_of(all, "usb")->answer, full_answer());
    EXPECT_EQ(answer_of(all, "usb")->plugs, 3U);
    EXPECT_EQ(store.read_log({}).size(), 1U);
    EXPECT_EQ(sql("PRAGMA integrity_check"), "ok");
}

TEST_F(StoreTest, Version1TakesADoseToo) {
    begin_with(version_1);
    { EXPECT_TRUE(open().put_dose({minute(60, "usb"), hour(0, "usb")})); }
    EXPECT_EQ(open().dose().size(), 2U);
    EXPECT_EQ(open().load().volumes.size(), 3U);
}

// ---- damage and locks

TEST_F(StoreTest, OfADamagedDatabaseTheDoseThatIsSoundIsKept) {
    const std::vector<Row> rows{minute(60, "a"), minute(120, "a"), hour(0, "a"), hour(3600, "a")};
    const auto begin = [&] {
        fs::remove_all(directory);
        Store store = open();
        store.put_volume("a", LoadClass::ears, 0.5);
        EXPECT_TRUE(store.put_dose(rows));
    };
    begin();
    damage_table(file, "volumes");
    {
        const Store store = open();
        EXPECT_NE(store.set_aside().sentence.find("volumes"), std::string::npos) << store.set_aside().sentence;
        EXPECT_EQ(store.set_aside().sentence.find("heard"), std::string::npos) << store.set_aside().sentence;
        EXPECT_EQ(store.dose(), rows);
    }
    EXPECT_EQ(open().dose(), rows) << "and in the new file";
    begin();
    damage_table(file, "dose_minutes");
    {
        const Store store = open();
        EXPECT_NE(store.set_aside().sentence.find("heard in the last week"), std::string::npos) << store.set_aside().sentence;
        EXPECT_EQ(store.set_aside().sentence.find("heard in the last year"), std::string::npos) << store.set_aside().sentence;
        EXPECT_EQ(store.load().volumes.size(), 1U);
    }
    EXPECT_EQ(open().dose(), (std::vector{rows[2], rows[3]}));
}

TEST_F(StoreTest, ADoseThatIsDamagedWhileItIsUsedIsWrittenAnew) {
    Store store = open();
    EXPECT_TRUE(store.put_dose({minute(60, "a"), hour(0, "a")}));
    Raw{file}.run("DROP TABLE dose_hours");
    EXPECT_TRUE(store.put_dose({minute(120, "a"), hour(3600, "a")})) << "in a new file";
    EXPECT_NE(store.set_aside().sentence, "");
    EXPECT_EQ(Store{directory}.dose().size(), 4U);
}

TEST_F(StoreTest, ADoseThatCannotBeWrittenIsKeptInMemoryUntilItCan) {
    Store store = open();
    EXPECT_TRUE(store.put_dose({minute(60, "a"), hour(0, "a")}));
    {
        Raw other{file};
        other.run("BEGIN IMMEDIATE");
        EXPECT_FALSE(store.put_dose({minute(60, "a", {}), minute(120, "a"), hour(3600, "a")}));
        EXPECT_NE(store.trouble().sentence, "");
        EXPECT_FALSE(store.put_dose({minute(120, "a")})) << "memory has it, the disk has not";
        EXPECT_EQ(store.dose(), (std::vector{minute(120, "a"), hour(0, "a"), hour(3600, "a")}));
        EXPECT_EQ(other.value("SELECT count(*) FROM dose_minutes"), "1");
        other.run("ROLLBACK");
    }
    EXPECT_TRUE(store.put_dose({hour(7200, "a")}));
    EXPECT_EQ(store.trouble().sentence, "");
    EXPECT_EQ(Store{directory}.dose(), (std::vector{minute(120, "a"), hour(0, "a"), hour(3600, "a"), hour(7200, "a")}));
    EXPECT_TRUE(broken().empty());
}

TEST_F(StoreTest, ADoseOfADatabaseThatIsLockedAtTheStartIsNotForgotten) {
    { EXPECT_TRUE(open().put_dose({minute(60, "a"), minute(120, "a"), hour(0, "a")})); }
    auto other = std::make_unique<Raw>(file);
    other->run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO left_alone VALUES('theirs'); COMMIT; BEGIN EXCLUSIVE;");
    Store store = open();
    EXPECT_TRUE(store.dose().empty());
    EXPECT_FALSE(store.was_read());
    EXPECT_FALSE(store.put_dose({minute(60, "a", {}), minute(180, "a")}));
    EXPECT_FALSE(store.was_read());
    other.reset();
    EXPECT_TRUE(store.flush());
    EXPECT_TRUE(store.was_read());
    EXPECT_EQ(store.dose(), (std::vector{minute(120, "a"), minute(180, "a"), hour(0, "a")})) << "from now on it is known";
    EXPECT_EQ(Store{directory}.dose(), store.dose());
}

TEST_F(StoreTest, WhatWasTakenAwayOfTheDoseMayComeBack) {
    Store store = open();
    EXPECT_TRUE(store.put_dose({minute(60, "a"), minute(120, "a", {})}));
    EXPECT_TRUE(store.put_dose({minute(60, "a", {})}));
    store.put_volume("a", LoadClass::ears, 0.5);
    EXPECT_TRUE(store.dose().empty()) << "nobody brings it back";
    EXPECT_TRUE(store.put_dose({minute(60, "a")}));
    EXPECT_EQ(Store{directory}.dose().size(), 1U);
}

// ---- size

TEST_F(StoreTest, AYearOfTheDoseIsSmallAndOpensFast) {
    using std::chrono::milliseconds;
    const auto ms_since = [](std::chrono::steady_clock::time_point begin) {
        return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    };
    const std::vector<OutputId> outputs{"pci_0000_00_1f_3_analog_output_headphones", "usb_some_maker_some_headset_1234567890ab_00_analog_output"};
    const Exposure exposure{1.0 / 3.0, 1.0 / 7.0, 3599.9, 83.0 + 1.0 / 3.0};
    std::vector<Row> rows;
    for (const auto &output : outputs) {
        for (std::int64_t day = 0; day < 400; ++day)
            for (std::int64_t at = 0; at < 4; ++at) rows.push_back(hour(noon_s - (day * 24 + at) * 3600, output, exposure));
        for (std::int64_t day = 0; day < 8; ++day)
            for (std::int64_t at = 0; at < 240; ++at) rows.push_back(minute(noon_s - (day * 24 * 60 + at) * 60, output, exposure));
    }
    {
        Store store = open();
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_TRUE(store.put_dose(rows));
        std::cout << rows.size() << " rows written in " << ms_since(begin).count() << " ms\n";
        // As a year of listening goes: the newest rows again and again, the oldest taken away.
        const auto half_a_minute = std::chrono::steady_clock::now();
        for (std::int64_t n = 0; n < 120; ++n) EXPECT_TRUE(store.put_dose({minute(noon_s, outputs[0], {1.0, 0.0, static_cast<double>(n), 80.0}), hour(noon_s, outputs[0], {1.0, 0.0, static_cast<double>(n), 80.0})}));
        std::cout << "and 120 times what half a minute changes in " << ms_since(half_a_minute).count() << " ms\n";
    }
    const auto bytes = fs::file_size(file);
    const auto begin = std::chrono::steady_clock::now();
    const Store store = open();
    const auto took = ms_since(begin);
    std::cout << "file: " << bytes / 1024 << " KiB, opened in " << took.count() << " ms\n";
    EXPECT_EQ(store.dose().size(), rows.size());
    EXPECT_LE(bytes, 20U << 20U);
    EXPECT_LT(took, scaled(milliseconds{2000}));
}

} // namespace
} // namespace soundwarden::test
