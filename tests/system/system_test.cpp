// SPDX-License-Identifier: MIT
// One boot of a virtual machine with real sound cards, judged by the samples that each card played. What happens in it is
// in guest/main.sh; a stretch between two of its marks is named by the first.
//
// Environment: SOUNDWARDEN_VM (the program that boots), SOUNDWARDEN_GUEST_IMAGE (from make-image), SOUNDWARDEN_GUEST_PROGRAMS
// (a directory with soundwardend, soundwarden and soundwarden.service built for the guest, and what tools/test puts there besides),
// SOUNDWARDEN_GUEST_SCRIPTS.
// SOUNDWARDEN_SYSTEM_OUT, when set, keeps everything of the run there.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <numbers>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace soundwarden::system_test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t rate_hz = 48000;
constexpr std::uint64_t channels = 2;
constexpr int vm_has_no_qemu = 2;
// What is still on its way when a mark is set: the card's buffer in the guest (64 ms), QEMU's mixing and file buffers.
constexpr double on_its_way_s = 0.3;
constexpr double stored_start_dbfs = -23.876; // 0.064, what session managers start an unknown card with
constexpr double rounding_db = 0.1;           // 16 bit, QEMU's mixing engine
constexpr double latest_fall_s = 1.5;         // an emulated machine on a loaded host; the real figure is guard-timing's
constexpr std::uint64_t block = rate_hz / 20; // 50 ms

double to_db(double amplitude) { return 20.0 * std::log10(std::max(amplitude, 1e-9)); }

std::string environment(const char *name) {
    const char *value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string text_of(const fs::path &path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string last_lines(const fs::path &path, std::size_t count) {
    std::istringstream lines(text_of(path));
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);) all.push_back(line);
    std::string result;
    for (std::size_t i = all.size() > count ? all.size() - count : 0; i < all.size(); ++i) result += all[i] + "\n";
    return result;
}

/// A second of a tone of whole periods at full scale: the guest plays it without end.
void write_tone(const fs::path &path) {
    std::vector<std::int16_t> samples;
    for (std::uint64_t i = 0; i < rate_hz; ++i) {
        const double phase = 2.0 * std::numbers::pi * 997.0 * static_cast<double>(i) / static_cast<double>(rate_hz);
        samples.insert(samples.end(), channels, static_cast<std::int16_t>(std::lround(32767.0 * std::sin(phase))));
    }
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char *>(samples.data()), static_cast<std::streamsize>(samples.size() * sizeof samples[0]));
}

/// What one card played: QEMU writes it while a stream is open, and completes the header only when it ends.
class Wire {
  public:
    Wire() = default;
    explicit Wire(const fs::path &path) {
        constexpr std::size_t header = 44;
        const std::string bytes = text_of(path);
        if (bytes.size() <= header) return;
        samples_.resize((bytes.size() - header) / sizeof samples_[0] / channels * channels);
        std::copy_n(bytes.data() + header, samples_.size() * sizeof samples_[0], reinterpret_cast<char *>(samples_.data()));
    }
    std::uint64_t frames() const { return samples_.size() / channels; }
    /// dBFS of the loudest sample; −180 for silence.
    double peak(std::uint64_t from, std::uint64_t to) const {
        int most = 0;
        for (std::uint64_t i = from * channels; i < std::min(to, frames()) * channels; ++i) most = std::max(most, std::abs(int{samples_[i]}));
        return to_db(static_cast<double>(most) / 32768.0);
    }

  private:
    std::vector<std::int16_t> samples_;
};

struct Boot {
    fs::path directory;
    nlohmann::json result;
    std::map<std::string, Wire> wires;

    /// Where the recording of a card was at a mark, and `seconds` later.
    std::uint64_t at(const std::string &mark, const std::string &card, double seconds = 0.0) const {
        for (const auto &entry : result.at("marks"))
            if (entry.at("name") == mark)
                return entry.at("frames").at(card).get<std::uint64_t>() + static_cast<std::uint64_t>(seconds * static_cast<double>(rate_hz));
        throw std::runtime_error("the guest did not come to \"" + mark + "\"");
    }
    /// dBFS between `name begin` and `name end`, without what was on its way before.
    double steady(const std::string &name, const std::string &card = "hda") const {
        return wires.at(card).peak(at(name + " begin", card, on_its_way_s), at(name + " end", card));
    }
    double peak(const std::string &from, double from_s, const std::string &to, double to_s = 0.0, const std::string &card = "hda") const {
        return wires.at(card).peak(at(from, card, from_s), at(to, card, to_s));
    }
    /// The cap that the daemon told for an output, dB. `note`: when.
    double cap(const std::string &note, const std::string &output_name) const {
        const auto state = nlohmann::json::parse(text_of(directory / "share" / "notes" / (note + ".json")));
        for (const auto &output : state.at("outputs"))
            if (output.at("name") == output_name && output.at("active").get<bool>()) return output.at("cap_dbfs").get<double>();
        throw std::runtime_error("no active output \"" + output_name + "\" in " + note + ".json");
    }
};

/// What soundwarden-sensewatch said, a line for each event (guest/sense.sh).
class Watched {
  public:
    explicit Watched(const fs::path &note) {
        std::istringstream lines(text_of(note));
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

class System : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (environment("SOUNDWARDEN_GUEST_IMAGE").empty()) return;
        const std::string kept = environment("SOUNDWARDEN_SYSTEM_OUT");
        std::string pattern = (fs::temp_directory_path() / "soundwarden-system-XXXXXX").string();
        boot_ = new Boot;
        boot_->directory = kept.empty() ? fs::path(mkdtemp(pattern.data())) : fs::absolute(kept);
        fs::create_directories(boot_->directory / "share" / "notes");
        const auto copy = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
        fs::copy(environment("SOUNDWARDEN_GUEST_SCRIPTS"), boot_->directory / "share" / "guest", copy);
        fs::copy(environment("SOUNDWARDEN_GUEST_PROGRAMS"), boot_->directory / "share" / "programs", copy);
        write_tone(boot_->directory / "share" / "tone.raw");
        const std::string command = "'" + environment("SOUNDWARDEN_VM") + "' --image '" + environment("SOUNDWARDEN_GUEST_IMAGE") +
                                    "' --work '" + boot_->directory.string() + "'";
        const int status = std::system(command.c_str());
        exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (exit_code_ == vm_has_no_qemu || !fs::exists(boot_->directory / "result.json")) return;
        boot_->result = nlohmann::json::parse(text_of(boot_->directory / "result.json"));
        for (const char *card : {"hda", "usb"}) boot_->wires.emplace(card, Wire(boot_->directory / (std::string(card) + ".wav")));
    }

    static void TearDownTestSuite() {
        if (boot_ != nullptr && environment("SOUNDWARDEN_SYSTEM_OUT").empty()) fs::remove_all(boot_->directory);
        delete boot_;
        boot_ = nullptr;
    }

    void SetUp() override {
        ASSERT_NE(boot_, nullptr) << "no image of the guest; run this through tools/test --system";
        if (exit_code_ == vm_has_no_qemu) GTEST_SKIP() << "there is no QEMU here";
        ASSERT_EQ(exit_code_, 0) << "the machine did not run to its end:\n" << last_lines(boot_->directory / "share" / "guest.log", 60);
    }

    static const Boot &boot() { return *boot_; }
    static std::string note(const std::string &name) { return text_of(boot().directory / "share" / "notes" / name); }
    static Watched watched(const std::string &name) { return Watched(boot().directory / "share" / "notes" / (name + ".jsonl")); }

  private:
    static Boot *boot_;
    static int exit_code_;
};
Boot *System::boot_ = nullptr;
int System::exit_code_ = -1;

TEST_F(System, RunsToItsEndInTime) {
    EXPECT_EQ(boot().result.at("outcome"), "done");
    std::printf("one boot: %.0f s with %s\n", boot().result.at("seconds").get<double>(), boot().result.at("accel").get<std::string>().c_str());
}

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
    const double settling = cap - 8.0; // the settling ceiling (product.md, "Start level"): 8 dB less for an in-ear
    const auto plugged = boot().at("plug", "hda");
    const auto end = boot().at("headphones end", "hda");
    auto fallen = plugged;
    while (fallen < end && wire.peak(fallen, fallen + block) > settling + rounding_db) fallen += block;
    const double after_s = static_cast<double>(fallen - plugged) / static_cast<double>(rate_hz);
    std::printf("line-out %.1f dBFS; %.2f s after the plug %.1f dBFS; cap %.1f dB\n", before, after_s, wire.peak(fallen, fallen + 4 * block), cap);
    EXPECT_LE(after_s, latest_fall_s);
    EXPECT_LE(wire.peak(plugged, fallen), before + rounding_db) << "nothing louder meanwhile";
    EXPECT_LE(wire.peak(fallen, fallen + 4 * block), settling + rounding_db) << "still settling";
    EXPECT_GT(wire.peak(fallen, fallen + 4 * block), -100.0) << "sound goes on";
    EXPECT_LE(wire.peak(fallen, end), cap + rounding_db);
    EXPECT_NEAR(boot().steady("headphones"), cap, rounding_db) << "at 100 % full scale gives the cap";
}

TEST_F(System, UnpluggedTheOtherOutputComesBackSoftly) {
    const Wire &wire = boot().wires.at("hda");
    const double before = boot().steady("headphones");
    const auto unplugged = boot().at("unplug", "hda");
    EXPECT_LE(wire.peak(unplugged, unplugged + 10 * block), before + rounding_db);
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

TEST_F(System, KilledWithoutThePartInWirePlumberTheClampInsideTheCardsSinkHolds) {
    const double cap = boot().cap("line-out", "Line Out");
    ASSERT_GT(boot().steady("control-line-out"), cap + 3.0) << "without it the tone is above";
    EXPECT_LE(boot().peak("killed-alone begin", 0.0, "killed-alone end"), cap + rounding_db);
    EXPECT_GT(boot().peak("killed-alone begin", 0.0, "killed-alone end"), -60.0) << "there is sound";
}

TEST_F(System, OnItsWorstDayNothingIsAboveTheCap) {
    const double cap = boot().cap("worst-day", "Line Out");
    EXPECT_GT(boot().steady("worst-day"), cap - 40.0) << "there is sound to begin with";
    for (const std::string what : {"killed", "restarted", "frozen", "pipewire-crash"}) {
        const double loudest = boot().peak(what, 0.0, what + "-after end");
        std::printf("%s: %.1f dBFS at most, cap %.1f dB; then %.1f dBFS\n", what.c_str(), loudest, cap, boot().steady(what + "-after"));
        EXPECT_LE(loudest, cap + rounding_db) << what;
        EXPECT_GT(boot().steady(what + "-after"), -60.0) << what << ": the sound is not back";
    }
}

TEST_F(System, AProgramThatPlaysPastPipeWireIsNamed) {
    const auto state = nlohmann::json::parse(text_of(boot().directory / "share" / "notes" / "direct.json"));
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
