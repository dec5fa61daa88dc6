// SPDX-License-Identifier: MIT
// What a store remembers, and for how long.
#include "store_world.hpp"

#include <csignal>
#include <limits>
#include <sys/resource.h>
#include <sys/stat.h>

namespace soundwarden::test {
namespace {

using host::Store;
using std::chrono::hours;
using std::chrono::seconds;

TEST_F(StoreTest, PeopleAreGreetedOnceEver) {
    {
        Store store = open();
        EXPECT_FALSE(store.greeted());
        store.put_greeted();
        EXPECT_TRUE(store.greeted());
        EXPECT_EQ(store.trouble().sentence, "");
    }
    EXPECT_TRUE(open().greeted());
}

TEST_F(StoreTest, RemembersVolumesAndMarks) {
    {
        Store store = open();
        EXPECT_EQ(store.trouble().sentence, "");
        EXPECT_TRUE(store.load().volumes.empty());
        store.put_volume("out_a", LoadClass::ears, 0.25);
        store.put_volume("out_a", LoadClass::speakers, 0.75);
        store.put_volume("out_a", LoadClass::ears, 0.5);
        store.put_mark("sink", "route-1", 0.064);
        store.put_mark("sink", "route-2", 1.0);
        store.forget_mark("sink", "route-2");
        store.forget_mark("sink", "never-was");
        EXPECT_EQ(store.trouble().sentence, "");
    }
    const auto all = open().load();
    ASSERT_EQ(all.volumes.size(), 2U);
    EXPECT_EQ(all.volumes[0].output, "out_a");
    EXPECT_EQ(all.volumes[0].load_class, LoadClass::ears);
    EXPECT_EQ(all.volumes[0].volume, 0.5);
    EXPECT_EQ(all.volumes[1].volume, 0.75);
    ASSERT_EQ(all.marks.size(), 1U);
    EXPECT_EQ(all.marks[0].route, "route-1");
    EXPECT_EQ(all.marks[0].volume, 0.064);
}

TEST_F(StoreTest, RemembersWhatIsLeftAloneAndWhatIsMuted) {
    {
        Store store = open();
        store.put_left_alone("out_a", true);
        store.put_left_alone("out_b", true);
        store.put_left_alone("out_a", false);
        store.put_left_alone("never-was", false);
        store.put_mute("sink_a", true);
        store.put_mute("sink_b", true);
        store.put_mute("sink_b", false);
        store.put_mute("sink_c", false);
        store.put_mute("sink_c", std::nullopt);
        EXPECT_EQ(store.trouble().sentence, "");
    }
    const auto all = open().load();
    EXPECT_EQ(all.left_alone, std::vector<OutputId>{"out_b"});
    ASSERT_EQ(all.mutes.size(), 2U);
    EXPECT_EQ(all.mutes[0].sink, "sink_a");
    EXPECT_TRUE(all.mutes[0].mute);
    EXPECT_FALSE(all.mutes[1].mute);
}

TEST_F(StoreTest, KeepsItsDirectoryPrivate) {
    const Store store = open();
    struct stat facts {};
    ASSERT_EQ(stat(directory.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0700U);
}

TEST_F(StoreTest, TakesNoNonsense) {
    Store store = open();
    store.put_volume("a", LoadClass::ears, -1.0);
    store.put_volume("a", LoadClass::ears, std::numeric_limits<double>::quiet_NaN());
    store.put_volume("a", LoadClass::ears, std::numeric_limits<double>::infinity());
    store.put_mark("a", "b", -0.1);
    EXPECT_TRUE(store.load().volumes.empty());
    EXPECT_TRUE(store.load().marks.empty());
    EXPECT_EQ(store.trouble().sentence, "");
    const std::string odd = "it's; DROP TABLE volumes; -- \xf0\x9f\x8e\xa7";
    store.put_volume(odd, LoadClass::ears, 0.5);
    EXPECT_EQ(open().load().volumes.at(0).output, odd);
}


// ---- answers

TEST_F(StoreTest, RemembersAnswersWithAllThatWasSaid) {
    {
        Store store = open();
        EXPECT_TRUE(store.put_answer("headphones", full_answer(), Duration{0}, 0));
        EXPECT_TRUE(store.put_answer("line", Answer{Load::active_speakers, {}, {}}, Duration{0}, 7));
        EXPECT_TRUE(store.put_answer("not-sure", Answer{Load::unknown, {}, {}}, Duration{0}, 0));
        EXPECT_TRUE(store.put_answer("gone", full_answer(), Duration{0}, 0));
        EXPECT_TRUE(store.put_answer("gone", std::nullopt, Duration{0}, 0));
        EXPECT_TRUE(store.put_answer("never-was", std::nullopt, Duration{0}, 0));
    }
    const auto all = open().load();
    ASSERT_EQ(all.answers.size(), 3U);
    EXPECT_EQ(answer_of(all, "headphones")->answer, full_answer());
    EXPECT_EQ(answer_of(all, "headphones")->plugs, 0U);
    EXPECT_EQ(answer_of(all, "line")->answer, (Answer{Load::active_speakers, {}, {}}));
    EXPECT_EQ(answer_of(all, "line")->plugs, 7U);
    EXPECT_EQ(answer_of(all, "not-sure")->answer.load, Load::unknown);
}

TEST_F(StoreTest, EachFactOfAnAnswerIsKeptByItself) {
    std::vector<Answer> answers(12, Answer{Load::headphones, {}, {}});
    answers[0].facts.impedance = Ohms{16.0};
    answers[1].facts.sensitivity = Decibels{100.0};
    answers[2].facts.rating_watts = 50.0;
    answers[3].facts.model = "only a model";
    answers[4].facts.model_from = ModelFrom::measured;
    answers[5].fingerprint.microphone = true;
    answers[6].fingerprint.microphone = false;
    answers[7].fingerprint.line = true;
    answers[8].fingerprint.line = false;
    answers[9].fingerprint.ohms_bucket = 0U;
    answers[10].fingerprint.ohms_bucket = 4'294'967'295U;
    answers[11].fingerprint.product = "only a product";
    {
        Store store = open();
        for (std::size_t n = 0; n < answers.size(); ++n) EXPECT_TRUE(store.put_answer("o" + std::to_string(n), answers[n], Duration{0}, 0));
    }
    const auto all = open().load();
    for (std::size_t n = 0; n < answers.size(); ++n) {
        const auto found = answer_of(all, "o" + std::to_string(n));
        ASSERT_TRUE(found) << n;
        EXPECT_EQ(found->answer, answers[n]) << n;
    }
}

TEST_F(StoreTest, EveryLoadThatMayBeAnsweredIsKeptAndNoOther) {
    {
        Store store = open();
        for (const auto &[load, name] : Names<Load>::table)
            EXPECT_EQ(store.put_answer(std::string{name}, Answer{load, {}, {}}, Duration{0}, 0), answerable(load)) << name;
        EXPECT_EQ(store.trouble().sentence, "");
    }
    const auto all = open().load();
    for (const auto &[load, name] : Names<Load>::table) {
        const auto found = answer_of(all, std::string{name});
        EXPECT_EQ(found.has_value(), answerable(load)) << name;
        if (found) { EXPECT_EQ(found->answer.load, load); }
    }
}

TEST_F(StoreTest, AnAnswersAgeFollowsTheWallClock) {
    wall.set_s(1'000'000);
    { EXPECT_TRUE(open().put_answer("a", full_answer(), hours{5}, 0)); }
    wall.set_s(1'000'000 + 3600);
    EXPECT_EQ(answer_of(open().load(), "a")->age, hours{6});
    wall.set_s(1'000'000 + 400 * 86'400);
    EXPECT_EQ(answer_of(open().load(), "a")->age, hours{5 + 400 * 24});
    wall.set_s(1'000'000 - 6 * 3600);
    EXPECT_EQ(answer_of(open().load(), "a")->age, Duration{0}) << "the clock went back to before it was given";
    for (const std::int64_t far : {std::int64_t{4'102'444'800}, std::int64_t{9'000'000'000'000}}) {
        wall.set_s(far);
        EXPECT_EQ(answer_of(open().load(), "a")->age, Duration{0}) << "a clock that far ahead is wrong: " << far;
    }
}

TEST_F(StoreTest, AnAnswerGivenByAClockFarAheadIsNewOnceThatIsRight) {
    wall.set_s(9'000'000'000'000);
    { EXPECT_TRUE(open().put_answer("a", full_answer(), Duration{0}, 0)); }
    wall.set_s(1'800'000'000);
    EXPECT_EQ(answer_of(open().load(), "a")->age, Duration{0});
    { EXPECT_TRUE(open().put_answer("a", full_answer(), seconds{30}, 1)); } // used: by now it is known better
    wall.set_s(1'800'000'000 + 60);
    EXPECT_EQ(answer_of(open().load(), "a")->age, seconds{90});
}

TEST_F(StoreTest, UsingAnAnswerMakesItNoYounger) {
    wall.set_s(1'000'000);
    Store store = open();
    EXPECT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 0));
    wall.set_s(1'000'000 + 86'400);
    // The machine slept most of that day, and its monotonic clock with it.
    EXPECT_TRUE(store.put_answer("a", full_answer(), hours{1}, 1));
    EXPECT_EQ(answer_of(store.load(), "a")->age, hours{24});
    EXPECT_EQ(answer_of(store.load(), "a")->plugs, 1U);
    // Given once more it is new.
    EXPECT_TRUE(store.put_answer("a", full_answer(), Duration{0}, 0));
    EXPECT_EQ(answer_of(store.load(), "a")->age, Duration{0});
    EXPECT_EQ(answer_of(open().load(), "a")->age, Duration{0});
}

TEST_F(StoreTest, AllAnswersAreForgottenTogether) {
    {
        Store store = open();
        for (const char *output : {"a", "b", "c"}) EXPECT_TRUE(store.put_answer(output, full_answer(), Duration{0}, 0));
        store.put_volume("a", LoadClass::ears, 0.5);
        EXPECT_TRUE(store.put_answer("", std::nullopt, Duration{0}, 0));
        EXPECT_TRUE(store.put_answer("d", full_answer(), Duration{0}, 0));
    }
    const auto all = open().load();
    ASSERT_EQ(all.answers.size(), 1U);
    EXPECT_EQ(all.answers[0].output, "d");
    EXPECT_EQ(all.volumes.size(), 1U);
}

TEST_F(StoreTest, SenselessAnswersAreNotKept) {
    Store store = open();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    std::vector<Answer> bad(9, full_answer());
    bad[0].facts.impedance = Ohms{nan};
    bad[1].facts.impedance = Ohms{0.0};
    bad[2].facts.impedance = Ohms{-8.0};
    bad[3].facts.sensitivity = Decibels{nan};
    bad[4].facts.sensitivity = Decibels{std::numeric_limits<double>::infinity()};
    bad[5].facts.rating_watts = -1.0;
    bad[6].facts.rating_watts = nan;
    bad[7].facts.model = std::string(2000, 'x');
    bad[8].fingerprint.product = std::string(2000, 'x');
    for (std::size_t n = 0; n < bad.size(); ++n) EXPECT_FALSE(store.put_answer("a", bad[n], Duration{0}, 0)) << n;
    EXPECT_FALSE(store.put_answer("", full_answer(), Duration{0}, 0));
    EXPECT_FALSE(store.put_answer(std::string(20'000, 'x'), full_answer(), Duration{0}, 0));
    EXPECT_TRUE(store.load().answers.empty());
    EXPECT_EQ(store.trouble().sentence, "") << "nothing of it reached the database";
}

// ---- what the schema holds, and what is left out of what it does not

TEST_F(StoreTest, TheSchemaRefusesWhatMakesNoSense) {
    { const Store store = open(); }
    Raw raw{file};
    const std::string answer = "INSERT INTO answers(output, load, given_at, plugs, impedance_ohm, sensitivity_db_per_volt, rating_watts, model,"
                               " model_from, microphone, line, ohms_bucket, product) VALUES(";
    raw.run(answer + "'good', 'in-ear', 1, 2, 32.0, 100.0, 1.0, 'm', 'user', 0, 1, 3, 'p')");
    for (const std::string &refused :
         {std::string{"INSERT INTO volumes VALUES('a', 'ears', -0.1)"}, std::string{"INSERT INTO volumes VALUES('a', 'ears', 9e999)"},
          std::string{"INSERT INTO volumes VALUES('', 'ears', 0.5)"}, std::string{"INSERT INTO volumes VALUES('a', 'ears', NULL)"},
          std::string{"INSERT INTO volumes VALUES('a', 'ears', 'loud')"}, std::string{"INSERT INTO volumes VALUES(zeroblob(9), 'ears', 0.5)"},
          "INSERT INTO volumes VALUES('" + std::string(20'000, 'x') + "', 'ears', 0.5)", std::string{"INSERT INTO marks VALUES('', 'r', 0.5)"},
          std::string{"INSERT INTO marks VALUES('s', 'r', 1e300)"}, std::string{"INSERT INTO left_alone VALUES('')"},
          std::string{"INSERT INTO mutes VALUES('s', 2)"}, std::string{"INSERT INTO panic VALUES('s', -1)"},
          answer + "'a', '', 1, 2, NULL, NULL, NULL, '', 'user', NULL, NULL, NULL, '')",
          answer + "'a', 'in-ear', 'today', 2, NULL, NULL, NULL, '', 'user', NULL, NULL, NULL, '')",
          answer + "'a', 'in-ear', 1, -2, NULL, NULL, NULL, '', 'user', NULL, NULL, NULL, '')",
          answer + "'a', 'in-ear', 1, 4294967296, NULL, NULL, NULL, '', 'user', NULL, NULL, NULL, '')",
          answer + "'a', 'in-ear', 1, 2, 0.0, NULL, NULL, '', 'user', NULL, NULL, NULL, '')",
          answer + "'a', 'in-ear', 1, 2, NULL, 9e999, NULL, '', 'user', NULL, NULL, NULL, '')",
          answer + "'a', 'in-ear', 1, 2, NULL, NULL, -1.0, '', 'user', NULL, NULL, NULL, '')",
          answer + "'a', 'in-ear', 1, 2, NULL, NULL, NULL, '" + std::string(2000, 'x') + "', 'user', NULL, NULL, NULL, '')",
          answer + "'a', 'in-ear', 1, 2, NULL, NULL, NULL, '', 'user', 2, NULL, NULL, '')",
          answer + "'a', 'in-ear', 1, 2, NULL, NULL, NULL, '', 'user', NULL, NULL, -1, '')",
          std::string{"INSERT INTO log VALUES(1, 2, 'loud', 'w', 's', 't')"}, std::string{"INSERT INTO log VALUES(1, 2, 'info', '', 's', 't')"},
          "INSERT INTO log VALUES(1, 2, 'info', 'w', 's', '" + std::string(2000, 'x') + "')"})
        EXPECT_TRUE(raw.refuses(refused)) << refused.substr(0, 200);
    for (const char *table : {"volumes", "marks", "left_alone", "mutes", "panic", "answers", "log"})
        EXPECT_EQ(raw.value(std::string{"SELECT strict FROM pragma_table_list WHERE name = '"} + table + "'"), "1") << table;
}

TEST_F(StoreTest, RowsThatMakeNoSenseAreLeftOutAndTheOthersKept) {
    {
        Store store = open();
        store.put_volume("good", LoadClass::ears, 0.5);
        EXPECT_TRUE(store.put_answer("good", full_answer(), Duration{0}, 0));
        store.log(entry("edge", "good", "plugged"));
    }
    const std::string huge = "'" + std::string(3'000'000, 'x') + "'";
    const std::string answer = "INSERT INTO answers(output, load, given_at, plugs, impedance_ohm, model, model_from, ohms_bucket, product) VALUES(";
    Raw{file}.run("PRAGMA ignore_check_constraints = ON;"
                  "INSERT INTO volumes VALUES('a', 'paws', 0.5), ('b', 'ears', -1), ('c', 'ears', 9e999), ('', 'ears', 1), (" + huge + ", 'ears', 1);"
                  "INSERT INTO marks VALUES('', 'r', 0.5), ('s', 'r', -0.5), ('s', " + huge + ", 0.5);"
                  "INSERT INTO left_alone VALUES(''), (" + huge + ");"
                  "INSERT INTO mutes VALUES('', 1), (" + huge + ", 1);"
                  "INSERT INTO panic VALUES(" + huge + ", 1);" +
                  answer + "'a', 'banana', 1, 0, NULL, '', 'user', NULL, '');" + answer + "'b', 'nothing', 1, 0, NULL, '', 'user', NULL, '');" +
                  answer + "'c', 'in-ear', 1, -1, NULL, '', 'user', NULL, '');" + answer + "'d', 'in-ear', 1, 0, -32.0, '', 'user', NULL, '');" +
                  answer + "'e', 'in-ear', 1, 0, 9e999, '', 'user', NULL, '');" + answer + "'f', 'in-ear', 1, 0, NULL, " + huge + ", 'user', NULL, '');" +
                  answer + "'g', 'in-ear', 1, 0, NULL, '', 'hearsay', NULL, '');" + answer + "'h', 'in-ear', 1, 0, NULL, '', 'user', -3, '');" +
                  answer + "'', 'in-ear', 1, 0, NULL, '', 'user', NULL, '');" + answer + "'i', 'in-ear', 1, 0, NULL, '', 'user', NULL, " + huge + ");"
                  "INSERT INTO log VALUES(100, 2, 'loud', 'w', 's', 't'), (101, 2, 'info', 'w', 's', " + huge + ");");
    Store store = open();
    EXPECT_EQ(store.notice(), "");
    EXPECT_EQ(store.trouble().sentence, "");
    const auto all = store.load();
    ASSERT_EQ(all.volumes.size(), 1U);
    EXPECT_EQ(all.volumes[0].output, "good");
    ASSERT_EQ(all.answers.size(), 1U);
    EXPECT_EQ(all.answers[0].answer, full_answer());
    EXPECT_TRUE(all.marks.empty() && all.left_alone.empty() && all.mutes.empty() && all.panicked.empty() && !all.panic);
    ASSERT_EQ(store.read_log({}).size(), 1U);
    EXPECT_EQ(store.read_log({})[0].text, "plugged");
}

// ---- schemas

void expect_what_version_1_had(const engine::Remembered &all) {
    ASSERT_EQ(all.volumes.size(), 3U);
    EXPECT_EQ(all.volumes[0].output, "card_headphones");
    EXPECT_EQ(all.volumes[0].load_class, LoadClass::ears);
    EXPECT_EQ(all.volumes[0].volume, 0.25);
    EXPECT_EQ(all.volumes[1].volume, 0.75);
    ASSERT_EQ(all.marks.size(), 1U);
    EXPECT_EQ(all.marks[0].route, "analog-output-headphones");
    EXPECT_EQ(all.left_alone, std::vector<OutputId>{"hdmi"});
    ASSERT_EQ(all.mutes.size(), 2U);
    EXPECT_TRUE(all.mutes[0].mute);
    EXPECT_FALSE(all.mutes[1].mute);
    EXPECT_TRUE(all.panic);
    EXPECT_EQ(all.panicked.size(), 1U);
    EXPECT_TRUE(all.answers.empty());
}

TEST_F(StoreTest, Version1IsBroughtUpToDateWithAllThatItHad) {
    begin_with(version_1);
    {
        Store store = open();
        EXPECT_EQ(store.notice(), "");
        EXPECT_EQ(store.trouble().sentence, "");
        expect_what_version_1_had(store.load());
        EXPECT_TRUE(store.put_answer("usb", full_answer(), Duration{0}, 0));
        store.log(entry("edge", "s", "t"));
        EXPECT_TRUE(store.flush());
    }
    EXPECT_EQ(sql("PRAGMA user_version"), "4");
    EXPECT_EQ(open().load().answers.size(), 1U);
    EXPECT_EQ(open().load().volumes.size(), 3U);
    EXPECT_EQ(sql("PRAGMA integrity_check"), "ok");
}

TEST_F(StoreTest, AMigratedSchemaIsTheSameAsANewOne) {
    begin_with(version_1);
    { const Store store = open(); }
    const std::string schema = "SELECT group_concat(name || ': ' || sql, char(10)) FROM (SELECT name, sql FROM sqlite_schema ORDER BY name)";
    const auto migrated = sql(schema);
    fs::remove(file);
    { const Store store = open(); }
    EXPECT_EQ(sql(schema), migrated);
    EXPECT_NE(migrated.find("answers"), std::string::npos);
}

TEST_F(StoreTest, AVersion1ThatHadNotAllTablesYetIsTakenToo) {
    begin_with(std::string{version_1} + "DROP TABLE panic; DROP TABLE left_alone; DROP TABLE mutes;");
    const auto all = open().load();
    EXPECT_EQ(all.volumes.size(), 3U);
    EXPECT_FALSE(all.panic);
    EXPECT_EQ(sql("PRAGMA user_version"), "4");
}

TEST_F(StoreTest, WhatMadeNoSenseInVersion1IsLeftBehind) {
    begin_with(std::string{version_1} + "INSERT INTO volumes VALUES('', 'ears', 0.5), ('loud', 'ears', 9e999), ('" + std::string(20'000, 'x') +
               "', 'ears', 0.5); INSERT INTO mutes VALUES('seven', 7);");
    Store store = open();
    EXPECT_EQ(store.notice(), "");
    EXPECT_EQ(store.load().volumes.size(), 3U);
    EXPECT_EQ(store.load().mutes.size(), 3U) << "any number but 0 was a mute";
    EXPECT_EQ(sql("SELECT count(*) FROM volumes"), "3");
}

TEST_F(StoreTest, AMigrationThatCannotBeWrittenLeavesTheOldOneAsItWas) {
    begin_with(version_1);
    const std::string before = slurp(file);
    EXPECT_EQ(in_child([&] {
                  std::signal(SIGXFSZ, SIG_IGN);
                  const rlimit full{4096, 4096};
                  setrlimit(RLIMIT_FSIZE, &full);
                  Store store = open();
                  return store.trouble().sentence.empty() ? 1 : store.notice().empty() ? 0 : 2;
              }),
              0);
    EXPECT_EQ(slurp(file), before);
    expect_what_version_1_had(open().load());
}

} // namespace
} // namespace soundwarden::test
