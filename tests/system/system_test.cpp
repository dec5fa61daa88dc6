// SPDX-License-Identifier: MIT
// The scenarios of guest/cards.sh, judged by the samples that each card played.
#include "boot.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace soundwarden::system_test {
namespace {

constexpr double stored_start_dbfs = -23.876; // 0.064, what session managers start an unknown card with
constexpr double in_ear_db = 8.0;             // the settling ceiling is so far below an unknown load's cap (product.md, "Start level")
constexpr double nothing_dbfs = -100.0;
constexpr double usb_volume_step_db = 1.0; // of the mixer inside QEMU's USB card, which stands half a decibel below full
constexpr double latest_fall_s = 1.5;         // an emulated machine on a loaded host; the real figure is guard-timing's

/// What soundwarden-sensewatch said, a line for each event (guest/sense.sh).
class Watched {
  public:
    explicit Watched(const std::string &said) {
        std::istringstream lines(said);
        for (std::string line; std::getline(lines, line);) events_.push_back(nlohmann::json::parse(line));
    }
    /// The pictures of the cards of a driver, in their order.
    std::vector<nlohmann::json> pictures(const std::string &driver) const {
        std::vector<nlohmann::json> all;
        for (const auto &event : events_)
            if (event.at("event") == "card" && event.at("driver") == driver) all.push_back(event);
        return all;
    }
    /// States of a jack's plug, each once in a row; a phantom (the card has its own "Line Out") has none.
    std::vector<bool> plugs(const std::string &driver, const std::string &jack) const {
        std::vector<bool> states;
        for (const auto &picture : pictures(driver))
            for (const auto &one : picture.at("jacks"))
                if (one.at("name") == jack && one.at("phantom") == false && (states.empty() || states.back() != one.at("plugged").get<bool>()))
                    states.push_back(one.at("plugged").get<bool>());
        return states;
    }
    /// The same of a switch device's lists.
    std::vector<std::string> switches(const std::string &driver, const std::string &device) const {
        std::vector<std::string> states;
        for (const auto &picture : pictures(driver))
            for (const auto &one : picture.at("switches")) {
                const std::string on = one.at("on").dump();
                if (one.at("name") == device && (states.empty() || states.back() != on)) states.push_back(on);
            }
        return states;
    }
    bool gone(const nlohmann::json &card) const {
        const auto it_went = [&](const auto &event) { return event.at("event") == "gone" && event.at("card") == card; };
        return std::any_of(events_.begin(), events_.end(), it_went);
    }

  private:
    std::vector<nlohmann::json> events_;
};

struct Cards {
    static constexpr const char *name = "cards";
};
class System : public BootTest<Cards> {
  protected:
    static Watched watched(const std::string &name) { return Watched(note(name + ".jsonl")); }
    /// The built-in card plays `before` dBFS until the event at a mark is heard, and then nothing above the settling ceiling for a while. Where it fell.
    static std::uint64_t expect_fall(const std::string &mark, const std::string &until, double before, double settling_dbfs) {
        const Wire &wire = boot().wires.at("hda");
        const auto begin = boot().at(mark, "hda"), end = boot().at(until, "hda");
        auto fallen = begin;
        while (fallen < end && wire.peak(fallen, fallen + block) > settling_dbfs + rounding_db) fallen += block;
        const double after_s = static_cast<double>(fallen - begin) / static_cast<double>(rate_hz);
        std::printf("%s: before %.1f dBFS; %.2f s later %.1f dBFS, settling ceiling %.1f dB\n", mark.c_str(), before, after_s, wire.peak(fallen, fallen + 4 * block), settling_dbfs);
        EXPECT_LE(after_s, latest_fall_s);
        EXPECT_LE(wire.peak(begin, fallen), before + rounding_db) << "nothing louder meanwhile";
        EXPECT_LE(wire.peak(fallen, fallen + 4 * block), settling_dbfs + rounding_db) << "still settling";
        EXPECT_GT(wire.peak(fallen, fallen + 4 * block), nothing_dbfs) << "sound goes on";
        return fallen;
    }
    /// Of the USB card's only active output, by whatever name.
    static double usb_described_cap() {
        const auto told = nlohmann::json::parse(note("usb-described.json"));
        for (const auto &output : told.at("outputs"))
            if (output.at("active").get<bool>() && output.at("sink").get<std::string>().starts_with("alsa_output.usb")) return output.at("cap_dbfs").get<double>();
        throw std::runtime_error("no active output on the USB card: " + told.dump());
    }
};

TEST_F(System, RunsToItsEndInTime) { EXPECT_EQ(boot().result.at("outcome"), "done"); }

TEST_F(System, AnHdaCardsJacksAreReadFromItsControlsByAnOrdinaryUser) {
    const Watched cards = watched("sense-without-rule");
    EXPECT_EQ(cards.plugs("HDA-Intel", "Headphone"), (std::vector<bool>{false, true, false}));
    EXPECT_EQ(cards.plugs("HDA-Intel", "Line Out"), (std::vector<bool>{true}));
    const auto picture = cards.pictures("HDA-Intel").back();
    EXPECT_TRUE(picture.at("components").get<std::string>().starts_with("HDA:1af400")) << picture.at("components") << ": QEMU's codec";
    EXPECT_TRUE(picture.at("bus_path").get<std::string>().starts_with("pci-0000:")) << picture.at("bus_path");
    EXPECT_FALSE(picture.at("pins").empty()) << "its codec's dump";
}

TEST_F(System, WithoutTheUdevRuleTheSwitchesAreTroubleOfTheirCardAndNothingIsReadable) {
    const auto picture = watched("sense-without-rule").pictures("HDA-Intel").front();
    EXPECT_TRUE(picture.at("switches").empty());
    ASSERT_EQ(picture.at("troubles").size(), 2U) << picture.at("troubles").dump() << ": the two jacks of the module";
    for (const auto &trouble : picture.at("troubles")) {
        EXPECT_EQ(trouble.at("source"), "switches");
        EXPECT_EQ(trouble.at("why"), "Permission denied");
    }
    EXPECT_EQ(note("readable-without-rule.txt"), "");
}

TEST_F(System, TheUdevRuleMakesJacksReadableAndNoKeyboard) {
    EXPECT_NE(note("inputs.txt").find("isa0060/"), std::string::npos) << "there is a keyboard: " << note("inputs.txt");
    std::istringstream readable(note("readable-with-rule.txt"));
    int jacks = 0;
    for (std::string node, phys; readable >> node >> phys; ++jacks) EXPECT_EQ(phys, "ALSA") << node;
    EXPECT_EQ(jacks, 2) << note("readable-with-rule.txt");
    const auto after = watched("sense-without-rule").pictures("HDA-Intel").back();
    EXPECT_TRUE(after.at("troubles").empty()) << "mended while it watched: " << after.at("troubles").dump();
    EXPECT_EQ(after.at("switches").size(), 2U);
}

TEST_F(System, WithTheUdevRuleThePlugIsSeenByControlAndSwitch) {
    const Watched cards = watched("sense-with-rule");
    EXPECT_EQ(cards.plugs("HDA-Intel", "Headphone"), (std::vector<bool>{false, true, false}));
    EXPECT_EQ(cards.switches("HDA-Intel", "HDA Intel Headphone"), (std::vector<std::string>{"[]", R"(["headphone"])", "[]"}));
    EXPECT_EQ(cards.switches("HDA-Intel", "HDA Intel Line Out"), (std::vector<std::string>{R"(["line-out"])"}));
}

TEST_F(System, SwitchesThatAProgramMadeAreReadAndAnImposterIsNot) {
    const Watched cards = watched("sense-with-rule");
    EXPECT_EQ(cards.switches("HDA-Intel", "HDA Intel Headset"), (std::vector<std::string>{"[]", R"(["headphone","microphone"])", "[]"}));
    EXPECT_TRUE(cards.switches("HDA-Intel", "HDA Intel Imposter").empty());
    bool pressed = false;
    for (const auto &picture : cards.pictures("HDA-Intel"))
        for (const auto &one : picture.at("switches")) pressed = pressed || (one.at("name") == "HDA Intel Headset" && one.at("buttons").get<bool>());
    EXPECT_TRUE(pressed) << "the play button";
}

TEST_F(System, AUsbCardComesWithItsDescriptorsAndGoes) {
    const Watched cards = watched("sense-without-rule");
    const auto pictures = cards.pictures("USB-Audio");
    ASSERT_FALSE(pictures.empty());
    EXPECT_NE(pictures.back().at("bus_path").get<std::string>().find("-usb-"), std::string::npos) << pictures.back().at("bus_path");
    EXPECT_EQ(pictures.back().at("vendor_id").get<std::string>().size(), 4U);
    EXPECT_FALSE(pictures.back().at("terminals").empty());
    EXPECT_TRUE(pictures.back().at("troubles").empty()) << pictures.back().at("troubles").dump();
    EXPECT_TRUE(cards.gone(pictures.back().at("card")));
}

TEST_F(System, AControlThatAProgramMadeOnADummyCardIsAJack) {
    EXPECT_EQ(watched("sense-without-rule").plugs("Dummy", "Headphone"), (std::vector<bool>{false, true, false}));
}

TEST_F(System, ControlShowsFullLevelOnTheWireWithoutTheDaemon) {
    EXPECT_GT(boot().steady("control-line-out"), -0.1);
    EXPECT_GT(boot().steady("control-headphones"), -0.1);
}

TEST_F(System, PluggedHeadphonesFallAtOnceAndStayUnderTheirCap) {
    const Wire &wire = boot().wires.at("hda");
    const double before = boot().steady("line-out");
    EXPECT_NEAR(before, boot().cap("line-out", "Line Out"), rounding_db) << "loud enough to see a fall";
    const double cap = boot().cap("headphones", "Headphones");
    const auto fallen = expect_fall("plug", "headphones end", before, cap - in_ear_db);
    const auto end = boot().at("headphones end", "hda");
    EXPECT_LE(wire.peak(fallen, end), cap + rounding_db);
    EXPECT_NEAR(boot().steady("headphones"), cap, rounding_db) << "at 100 % full scale gives the cap";
}

TEST_F(System, UnpluggedTheOtherOutputComesBackSoftly) {
    const Wire &wire = boot().wires.at("hda");
    const double before = boot().steady("headphones");
    const auto unplugged = boot().at("unplug", "hda");
    EXPECT_LE(wire.peak(unplugged, unplugged + 10 * block), before + rounding_db);
    // Until it is sure what hangs at the other output, that may be in-ears too.
    expect_fall("unplug", "line-out-again end", before, boot().cap("headphones", "Headphones") - in_ear_db);
    constexpr double most_per_block_db = 30.0 / 20.0; // 30 dB/s (product.md, "Moments")
    double last = before;
    for (auto from = unplugged; from + block <= boot().at("line-out-again end", "hda"); from += block) {
        const double now = wire.peak(from, from + block);
        ASSERT_LE(now, std::max(last, -60.0) + most_per_block_db + 0.2) << static_cast<double>(from) / rate_hz << " s into the recording";
        last = now;
    }
    EXPECT_LE(boot().steady("line-out-again"), boot().steady("line-out") + rounding_db) << "an unknown load starts low again";
    EXPECT_GT(boot().steady("line-out-again"), -60.0) << "sound is back";
}

TEST_F(System, AUsbCardPluggedInWhilePlayingIsNeverAboveItsCap) {
    const double loudest = boot().wires.at("usb").peak(0, boot().wires.at("usb").frames());
    std::printf("USB: %.1f dBFS at most, cap %.1f dB\n", loudest, boot().cap("usb", "Analog Output"));
    EXPECT_LE(loudest, boot().cap("usb", "Analog Output") + rounding_db) << "from its first sample on";
    EXPECT_GT(boot().steady("usb", "usb"), -60.0) << "sound comes out of it";
    EXPECT_LE(boot().peak("usb-in", 0.0, "usb end"), boot().cap("line-out", "Line Out") + rounding_db) << "nor is the other card";
}

TEST_F(System, AUsbCardDescribedByItsIdsIsHeldToThatAtOnce) {
    const double before = boot().steady("usb-known-nothing", "usb");
    const double described = boot().steady("usb-described-after", "usb");
    std::printf("USB: %.1f dBFS; described %.1f dBFS\n", before, described);
    EXPECT_NEAR(before, boot().cap("usb", "Analog Output"), usb_volume_step_db) << "loud enough to see a fall";
    EXPECT_LE(described, usb_described_cap() + rounding_db);
    EXPECT_GT(described, -80.0) << "sound goes on";
    EXPECT_LE(boot().peak("usb-described", 0.0, "usb-described-after end", 0.0, "usb"), before + rounding_db) << "nothing louder meanwhile";
}

TEST_F(System, PulledOutInTheMiddleOfTheToneAndPutBackItIsHeldFromItsFirstSample) {
    const double cap = usb_described_cap();
    const double other = boot().peak("usb-yanked", 0.0, "usb-yanked-after end");
    const double back = boot().peak("usb-back", 0.0, "usb-back-after end", 0.0, "usb");
    std::printf("pulled out: the built-in card %.1f dBFS at most; put back: %.1f dBFS at most, cap %.1f dB\n", other, back, cap);
    EXPECT_LE(other, boot().cap("line-out", "Line Out") + rounding_db) << "the tone has moved to the built-in card";
    EXPECT_LE(back, cap + rounding_db);
    EXPECT_NEAR(boot().steady("usb-back-after", "usb"), cap, usb_volume_step_db);
}

TEST_F(System, KilledWithoutThePartInWirePlumberTheClampInsideTheCardsSinkHolds) {
    const double cap = boot().cap("line-out", "Line Out");
    ASSERT_GT(boot().steady("control-line-out"), cap + 3.0) << "without it the tone is above";
    EXPECT_LE(boot().peak("killed-alone begin", 0.0, "killed-alone end"), cap + rounding_db);
    EXPECT_GT(boot().peak("killed-alone begin", 0.0, "killed-alone end"), -60.0) << "there is sound";
}

TEST_F(System, OnItsWorstDayNothingIsAboveTheCap) {
    const double cap = boot().cap("worst-day", "Line Out");
    EXPECT_GT(boot().steady("worst-day"), cap - 40.0) << "there is sound to begin with";
    for (const std::string what : {"killed", "restarted", "frozen", "wireplumber-killed", "pipewire-crash"}) {
        const double loudest = boot().peak(what, 0.0, what + "-after end");
        std::printf("%s: %.1f dBFS at most, cap %.1f dB; then %.1f dBFS\n", what.c_str(), loudest, cap, boot().steady(what + "-after"));
        EXPECT_LE(loudest, cap + rounding_db) << what;
        EXPECT_GT(boot().steady(what + "-after"), -60.0) << what << ": the sound is not back";
    }
}

TEST_F(System, AProgramThatPlaysPastPipeWireIsNamed) {
    const auto state = nlohmann::json::parse(note("direct.json"));
    EXPECT_NE(state.dump().find("aplay"), std::string::npos) << state.dump(2);
}

TEST_F(System, StoppedItIsNotLouder) {
    EXPECT_LE(boot().peak("stop", on_its_way_s, "stopped end"), boot().steady("before-stop") + rounding_db);
    EXPECT_GT(boot().steady("stopped"), -60.0) << "sound goes on without the daemon";
}

TEST_F(System, TheNextLoginAfterARemovalStartsQuietly) {
    for (const char *login : {"login-after-removal", "login-after-logged-out-removal"}) {
        const double level = boot().peak(std::string(login) + " first", 0.1, std::string(login) + " end");
        std::printf("%s: %.1f dBFS\n", login, level);
        EXPECT_LE(level, stored_start_dbfs + rounding_db) << login;
        EXPECT_GT(boot().steady(login), -60.0) << login << ": there is sound";
    }
}

} // namespace
} // namespace soundwarden::system_test
