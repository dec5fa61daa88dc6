// SPDX-License-Identifier: MIT
#include "boot.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numbers>
#include <sstream>
#include <stdexcept>

namespace soundwarden::system_test {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t channels = 2;
constexpr int vm_has_no_qemu = 2;

double to_db(double amplitude) { return 20.0 * std::log10(std::max(amplitude, 1e-9)); }

std::string environment(const char *name) {
    const char *value = std::getenv(name);
    return value == nullptr ? "" : value;
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

} // namespace

std::string text_of(const fs::path &path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Wire::Wire(const fs::path &path) {
    constexpr std::size_t header = 44;
    const std::string bytes = text_of(path);
    if (bytes.size() <= header) return;
    samples_.resize((bytes.size() - header) / sizeof samples_[0] / channels * channels);
    std::copy_n(bytes.data() + header, samples_.size() * sizeof samples_[0], reinterpret_cast<char *>(samples_.data()));
}

std::uint64_t Wire::frames() const { return samples_.size() / channels; }

double Wire::peak(std::uint64_t from, std::uint64_t to) const {
    int most = 0;
    for (std::uint64_t i = from * channels; i < std::min(to, frames()) * channels; ++i) most = std::max(most, std::abs(int{samples_[i]}));
    return to_db(static_cast<double>(most) / 32768.0);
}

std::uint64_t Boot::at(const std::string &mark, const std::string &card, double seconds) const {
    for (const auto &entry : result.at("marks"))
        if (entry.at("name") == mark)
            return entry.at("frames").at(card).get<std::uint64_t>() + static_cast<std::uint64_t>(seconds * static_cast<double>(rate_hz));
    throw std::runtime_error("the guest did not come to \"" + mark + "\"");
}

double Boot::steady(const std::string &name, const std::string &card) const {
    return wires.at(card).peak(at(name + " begin", card, on_its_way_s), at(name + " end", card));
}

double Boot::peak(const std::string &from, double from_s, const std::string &to, double to_s, const std::string &card) const {
    return wires.at(card).peak(at(from, card, from_s), at(to, card, to_s));
}

double Boot::cap(const std::string &name, const std::string &output_name) const {
    const auto state = nlohmann::json::parse(note(name + ".json"));
    for (const auto &output : state.at("outputs"))
        if (output.at("name") == output_name && output.at("active").get<bool>()) return output.at("cap_dbfs").get<double>();
    throw std::runtime_error("no active output \"" + output_name + "\" in " + name + ".json");
}

void Booted::start(const std::string &name) {
    if (environment("SOUNDWARDEN_GUEST_IMAGE").empty()) return;
    begun_ = true;
    const std::string kept = environment("SOUNDWARDEN_SYSTEM_OUT");
    std::string pattern = (fs::temp_directory_path() / "soundwarden-system-XXXXXX").string();
    boot_.directory = kept.empty() ? fs::path(mkdtemp(pattern.data())) : fs::absolute(kept) / name;
    const fs::path share = boot_.directory / "share";
    if (environment("SOUNDWARDEN_VM") != "/bin/true") fs::remove_all(share); // nothing of a boot before; without a boot what is there is judged again
    fs::create_directories(share / "notes");
    const auto copy = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
    fs::copy(environment("SOUNDWARDEN_GUEST_SCRIPTS"), share / "guest", copy);
    fs::copy_file(share / "guest" / (name + ".sh"), share / "guest" / "main.sh", copy);
    fs::copy(environment("SOUNDWARDEN_GUEST_PROGRAMS"), share / "programs", copy);
    write_tone(share / "tone.raw");
    if (!environment("SOUNDWARDEN_TRACES").empty()) std::ofstream(share / "traced");
    const std::string command = "'" + environment("SOUNDWARDEN_VM") + "' --image '" + environment("SOUNDWARDEN_GUEST_IMAGE") + "' --work '" +
                                boot_.directory.string() + "'";
    const int status = std::system(command.c_str());
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (exit_code_ == vm_has_no_qemu || !fs::exists(boot_.directory / "result.json")) return;
    boot_.result = nlohmann::json::parse(text_of(boot_.directory / "result.json"));
    for (const char *card : {"hda", "usb"}) boot_.wires.emplace(card, Wire(boot_.directory / (std::string(card) + ".wav")));
    std::printf("%s: %.0f s with %s\n", name.c_str(), boot_.result.at("seconds").get<double>(), boot_.result.at("accel").get<std::string>().c_str());
}

void Booted::end() {
    if (begun_ && environment("SOUNDWARDEN_SYSTEM_OUT").empty()) fs::remove_all(boot_.directory);
}

void Booted::check() const {
    ASSERT_TRUE(begun_) << "no image of the guest; run this through tools/test --system";
    if (exit_code_ == vm_has_no_qemu) GTEST_SKIP() << "there is no QEMU here";
    ASSERT_EQ(exit_code_, 0) << "the machine did not run to its end:\n" << last_lines(boot_.directory / "share" / "guest.log", 60);
}

} // namespace soundwarden::system_test
