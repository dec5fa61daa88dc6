// SPDX-License-Identifier: MIT
// One boot of the virtual machine with real sound cards, and what each card played in it. What happens in a boot is in guest/BOOT.sh; a
// stretch between two of its marks is named by the first.
//
// Environment: SOUNDWARDEN_VM (the program that boots), SOUNDWARDEN_GUEST_IMAGE (from make-image), SOUNDWARDEN_GUEST_PROGRAMS (a directory
// with the packages and what tools/test puts there besides), SOUNDWARDEN_GUEST_SCRIPTS.
// SOUNDWARDEN_SYSTEM_OUT, when set, keeps everything of the runs there, each in a directory of its boot's name.
// SOUNDWARDEN_TRACES=1: the daemons record traces; those that a script keeps are notes NAME.trace (see keep-trace).
#pragma once

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace soundwarden::system_test {

inline constexpr std::uint64_t rate_hz = 48000;
inline constexpr std::uint64_t block = rate_hz / 20; ///< 50 ms
/// What is still on its way when a mark is set: the card's buffer in the guest (64 ms), QEMU's mixing and file buffers.
inline constexpr double on_its_way_s = 0.3;
inline constexpr double rounding_db = 0.1; ///< 16 bit, QEMU's mixing engine

std::string text_of(const std::filesystem::path &path);

/// What one card played: QEMU writes it while a stream is open, and completes the header only when it ends.
class Wire {
  public:
    Wire() = default;
    explicit Wire(const std::filesystem::path &path);
    std::uint64_t frames() const;
    /// dBFS of the loudest sample; −180 for silence.
    double peak(std::uint64_t from, std::uint64_t to) const;

  private:
    std::vector<std::int16_t> samples_;
};

struct Boot {
    std::filesystem::path directory;
    nlohmann::json result;
    std::map<std::string, Wire> wires;

    /// Where the recording of a card was at a mark, and `seconds` later.
    std::uint64_t at(const std::string &mark, const std::string &card, double seconds = 0.0) const;
    /// dBFS between `name begin` and `name end`, without what was on its way before.
    double steady(const std::string &name, const std::string &card = "hda") const;
    double peak(const std::string &from, double from_s, const std::string &to, double to_s = 0.0, const std::string &card = "hda") const;
    /// The cap that the daemon told for an output, dB. `note`: when.
    double cap(const std::string &note, const std::string &output_name) const;
    /// What the guest left under that name.
    std::string note(const std::string &name) const { return text_of(directory / "share" / "notes" / name); }
};

/// A fixture for the tests of one boot, which is made once; `Which::name` is its script's.
template <class Which> class BootTest : public testing::Test {
  protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();
    void SetUp() override;

    static const Boot &boot();
    static std::string note(const std::string &name) { return boot().note(name); }
};

/// Boots, unless there is no image. Nullptr then; the exit code of the program that boots in `exit_code`.
class Booted {
  public:
    void start(const std::string &name);
    void end();
    void check() const; ///< with gtest's assertions
    const Boot &boot() const { return boot_; }

  private:
    Boot boot_;
    bool begun_ = false;
    int exit_code_ = -1;
};

template <class Which> Booted &booted() {
    static Booted one;
    return one;
}
template <class Which> void BootTest<Which>::SetUpTestSuite() { booted<Which>().start(Which::name); }
template <class Which> void BootTest<Which>::TearDownTestSuite() { booted<Which>().end(); }
template <class Which> void BootTest<Which>::SetUp() { booted<Which>().check(); }
template <class Which> const Boot &BootTest<Which>::boot() { return booted<Which>().boot(); }

} // namespace soundwarden::system_test
