// SPDX-License-Identifier: MIT
// The scenarios of guest/service.sh: the package under a real service manager, judged by the samples that the card played, by the notes of
// the guest and by its journal.
#include "boot.hpp"

#include <cstdio>
#include <sstream>

namespace soundwarden::system_test {
namespace {

constexpr double stored_start_dbfs = -23.876; // 0.064, what session managers start an unknown card with
constexpr double silence_dbfs = -60.0;

std::string first_line(const std::string &text) { return text.substr(0, text.find('\n')); }

struct Service {
    static constexpr const char *name = "service";
};
class Installed : public BootTest<Service> {
  protected:
    static double cap() { return boot().cap("first", "Headphones"); }
    /// Nothing above the cap from `mark` to the end of `mark-after`, and there is sound again.
    static void expect_held(const std::string &mark) {
        const double loudest = boot().peak(mark, 0.0, mark + "-after end");
        std::printf("%s: %.1f dBFS at most, cap %.1f dB; then %.1f dBFS\n", mark.c_str(), loudest, cap(), boot().steady(mark + "-after"));
        EXPECT_LE(loudest, cap() + rounding_db);
        EXPECT_GT(boot().steady(mark + "-after"), silence_dbfs) << "the sound is not back";
    }
};

TEST_F(Installed, ControlShowsFullLevelOnTheWireWithoutThePackage) { EXPECT_GT(boot().steady("control"), -0.1); }

TEST_F(Installed, TheUserUnitIsEnabledForEverybodyAndTheSystemUnitIsNot) {
    EXPECT_EQ(first_line(note("enabled")), "enabled");
    EXPECT_EQ(first_line(note("system-unit")), "disabled");
}

TEST_F(Installed, AfterTheNextLoginItIsReadyAndHeadphonesAreHeldToTheirCapWithNoConfiguration) {
    std::istringstream ready(note("ready"));
    long restarts = -1;
    double entered_us = 0.0, started_us = 0.0;
    ready >> restarts >> entered_us >> started_us;
    EXPECT_EQ(restarts, 0);
    std::printf("from exec to ready in the machine: %.0f ms\n", (entered_us - started_us) / 1000.0);
    EXPECT_LE(cap(), -9.0) << "an unknown load on a headphone socket";
    EXPECT_NEAR(boot().steady("first"), cap(), rounding_db) << "at 100 % full scale gives the cap";
}

TEST_F(Installed, TheUserUnitsFilterOfSystemCallsIsOn) {
    EXPECT_NE(note("sandbox").find("Seccomp:\t2"), std::string::npos) << note("sandbox");
    EXPECT_NE(note("sandbox").find("NoNewPrivs:\t1"), std::string::npos) << note("sandbox");
}

TEST_F(Installed, KilledItIsBackAndNothingWasLouder) {
    expect_held("killed");
    const double back_ms = std::stod(note("killed-us")) / 1000.0;
    std::printf("from the kill to ready again in the machine: %.0f ms\n", back_ms);
    EXPECT_LE(back_ms, 10'000.0);
}

TEST_F(Installed, TenCrashesInARowDoNotEndIt) {
    expect_held("crashes");
    EXPECT_GE(std::stol(note("restarts")), 11);
}

TEST_F(Installed, TheWatchdogEndsADaemonWhoseDataThreadStandsStill) {
    expect_held("stuck");
    std::printf("from the standstill to the new daemon: %s s\n", first_line(note("watchdog-s")).c_str());
    EXPECT_LE(std::stol(note("watchdog-s")), 60);
    EXPECT_NE(note("stuck.txt").find("does not go on"), std::string::npos) << note("stuck.txt");
    EXPECT_NE(note("stuck.txt").find("atchdog"), std::string::npos) << "systemd says so\n" << note("stuck.txt");
}

TEST_F(Installed, EachDecisionIsInTheJournalWithItsFieldsAndItsExplanation) {
    std::istringstream lines(note("decisions.jsonl"));
    int decisions = 0;
    for (std::string line; std::getline(lines, line); ++decisions) {
        const auto entry = nlohmann::json::parse(line);
        for (const char *field : {"SOUNDWARDEN_OUTPUT", "SOUNDWARDEN_LOAD", "SOUNDWARDEN_RULE", "SOUNDWARDEN_VERDICT", "SOUNDWARDEN_CAP_DB", "MESSAGE_ID"})
            EXPECT_TRUE(entry.contains(field)) << field << " is not in " << line;
    }
    EXPECT_GE(decisions, 3) << "those that were killed at once had none";
    EXPECT_NE(note("explained.txt").find("An output was judged"), std::string::npos) << note("explained.txt");
    EXPECT_NE(note("explained.txt").find("soundwarden explain"), std::string::npos) << note("explained.txt");
    EXPECT_EQ(note("explained.txt").find("@SOUNDWARDEN"), std::string::npos) << "each field has its value\n" << note("explained.txt");
}

TEST_F(Installed, ItComesBackWithAPipeWireThatWasKilled) { expect_held("pipewire-killed"); }

TEST_F(Installed, AnUpgradeWhileLoudMusicPlaysIsNeverLouder) {
    expect_held("upgraded");
    expect_held("restarted-upgraded");
    EXPECT_EQ(first_line(note("phase-restarted")), "guarded") << "a restart does not end protection";
}

TEST_F(Installed, DisabledAndStoppedItGivesTheSinkBackQuietly) {
    EXPECT_LE(boot().peak("disabled", 0.0, "disabled-after end"), cap() + rounding_db);
    EXPECT_LE(boot().steady("disabled-after"), stored_start_dbfs + rounding_db);
    EXPECT_GT(boot().steady("disabled-after"), silence_dbfs) << "sound goes on";
}

TEST_F(Installed, ReleasedAndMaskedItGivesTheSinkBackQuietly) {
    EXPECT_LE(boot().peak("masked", 0.0, "masked-after end"), cap() + rounding_db);
    EXPECT_LE(boot().steady("masked-after"), stored_start_dbfs + rounding_db);
    EXPECT_GT(boot().steady("masked-after"), silence_dbfs) << "sound goes on";
    EXPECT_LE(boot().peak("masked", 0.0, "unmasked end"), cap() + rounding_db);
}

TEST_F(Installed, WhoeverAsksForItStartsIt) {
    EXPECT_EQ(note("activated.txt").find("not running"), std::string::npos) << note("activated.txt");
    EXPECT_LE(boot().steady("activated"), cap() + rounding_db);
}

TEST_F(Installed, RemovedWhileLoudMusicPlaysItIsNeverLouderAndLeavesNothing) {
    EXPECT_LE(boot().peak("removed", 0.0, "removed-after end"), cap() + rounding_db);
    EXPECT_LE(boot().steady("removed-after"), stored_start_dbfs + rounding_db);
    EXPECT_GT(boot().steady("removed-after"), silence_dbfs) << "sound goes on";
    EXPECT_NE(first_line(note("removed-unit")), "active");
    EXPECT_EQ(note("leftovers.txt"), "");
    const double level = boot().peak("login-after first", 0.1, "login-after end");
    EXPECT_LE(level, stored_start_dbfs + rounding_db) << "the next login";
    EXPECT_GT(boot().steady("login-after"), silence_dbfs);
}

// guest/machine-wide.sh.

TEST_F(Installed, TheSystemUnitGuardsAPipeWireForTheWholeMachine) {
    EXPECT_GT(boot().steady("everywhere-control"), -0.1) << "without it the tone is at full scale";
    EXPECT_NE(note("everywhere-unit").find("User=soundwarden"), std::string::npos) << note("everywhere-unit");
    EXPECT_NE(note("everywhere-sandbox").find("Seccomp:\t2"), std::string::npos) << note("everywhere-sandbox");
    EXPECT_NE(note("everywhere-sandbox").find("CapBnd:\t0000000000000000"), std::string::npos) << note("everywhere-sandbox");
    EXPECT_EQ(first_line(note("everywhere-state")), "soundwarden 700");
    const double held = boot().cap("everywhere", "Headphones");
    EXPECT_LE(held, -9.0) << "an unknown load on a headphone socket";
    EXPECT_NEAR(boot().steady("everywhere"), held, rounding_db);
    const double loudest = boot().peak("everywhere-killed", 0.0, "everywhere-killed-after end");
    std::printf("killed: %.1f dBFS at most, cap %.1f dB; then %.1f dBFS\n", loudest, held, boot().steady("everywhere-killed-after"));
    EXPECT_LE(loudest, held + rounding_db);
    EXPECT_GT(boot().steady("everywhere-killed-after"), silence_dbfs) << "killed, it is back";
    EXPECT_LE(boot().peak("everywhere-removed", 0.0, "everywhere-removed-after end"), held + rounding_db);
    EXPECT_GT(boot().steady("everywhere-removed-after"), silence_dbfs) << "sound goes on";
    EXPECT_EQ(note("everywhere-left"), "") << "neither its state nor the administrator's links";
}

// systemd/org.soundwarden.SoundWarden1.policy, asked of the real polkit.
TEST_F(Installed, EverybodyMayAskQuieterIsForWhoSitsThereAndLouderForAdministrators) {
    constexpr int not_allowed = 5;
    const auto came_of = [](const std::string &name) { return std::stoi(note(name)); };
    EXPECT_EQ(came_of("everywhere-status"), 0) << note("everywhere-status.txt");
    EXPECT_EQ(came_of("everywhere-panic"), not_allowed) << note("everywhere-panic.txt");
    EXPECT_EQ(came_of("everywhere-override"), not_allowed) << note("everywhere-override.txt");
    EXPECT_EQ(came_of("everywhere-seat-panic"), 0) << note("everywhere-seat-panic.txt");
    EXPECT_EQ(came_of("everywhere-seat-override"), not_allowed) << note("everywhere-seat-override.txt");
    EXPECT_LT(boot().steady("everywhere-panic"), silence_dbfs) << "the panic of who sits there";
}

} // namespace
} // namespace soundwarden::system_test
