// SPDX-License-Identifier: MIT
#include "programme.hpp"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace soundwarden::demo {

namespace {

constexpr double longest_seconds = 120.0;
constexpr double shortest_seconds = 0.1;
// A pause proves nothing: what is quieter than this below the loudest sample for longer than `longest_pause` is cut out.
constexpr float pause_level = 0.05F;
constexpr double longest_pause_shipped = 0.02;
constexpr double longest_pause_own = 0.25;
constexpr std::uint32_t lowest_rate = 8'000;
constexpr std::uint32_t highest_rate = 192'000;

class SoundFile {
public:
    explicit SoundFile(const std::filesystem::path &path) : file_(sf_open(path.c_str(), SFM_READ, &info_)) {
        if (file_ == nullptr) throw std::runtime_error(path.string() + ": " + sf_strerror(nullptr));
    }
    ~SoundFile() { sf_close(file_); }
    SoundFile(const SoundFile &) = delete;
    SoundFile &operator=(const SoundFile &) = delete;

    std::uint32_t rate() const { return static_cast<std::uint32_t>(info_.samplerate); }

    /// The first seconds as two channels.
    std::vector<float> read_stereo(double seconds) {
        const auto channels = static_cast<std::size_t>(info_.channels);
        const auto frames = static_cast<sf_count_t>(seconds * static_cast<double>(info_.samplerate));
        std::vector<float> all(static_cast<std::size_t>(std::min(frames, info_.frames)) * channels);
        all.resize(static_cast<std::size_t>(sf_readf_float(file_, all.data(), std::min(frames, info_.frames))) * channels);
        std::vector<float> stereo;
        stereo.reserve(all.size() / channels * 2);
        for (std::size_t i = 0; i + channels <= all.size(); i += channels) {
            stereo.push_back(all[i]);
            stereo.push_back(all[i + (channels > 1 ? 1 : 0)]);
        }
        return stereo;
    }

private:
    SF_INFO info_{};
    SNDFILE *file_;
};

float loudest(const std::vector<float> &samples) {
    float peak = 0.0F;
    for (const float sample : samples) peak = std::max(peak, std::fabs(sample));
    return peak;
}

/// So that the loudest sample is exactly 1.0.
void normalise(std::vector<float> &samples) {
    const float peak = loudest(samples);
    for (float &sample : samples) sample /= peak;
}

std::vector<float> without_pauses(const std::vector<float> &samples, std::uint32_t rate_hz, double longest_pause) {
    const auto keep = static_cast<std::size_t>(longest_pause * static_cast<double>(rate_hz));
    std::vector<float> dense;
    dense.reserve(samples.size());
    std::size_t quiet = keep; // frames since the last loud one; the beginning counts as a pause
    for (std::size_t i = 0; i + 1 < samples.size(); i += 2) {
        const bool loud = std::max(std::fabs(samples[i]), std::fabs(samples[i + 1])) >= pause_level;
        quiet = loud ? 0 : quiet + 1;
        if (quiet > keep) continue;
        dense.push_back(samples[i]);
        dense.push_back(samples[i + 1]);
    }
    return dense;
}

std::vector<float> prepared(const std::filesystem::path &path, std::uint32_t &rate_hz, double longest_pause) {
    SoundFile file(path);
    rate_hz = file.rate();
    auto samples = file.read_stereo(longest_seconds);
    for (const float sample : samples)
        if (!std::isfinite(sample)) throw std::runtime_error(path.string() + ": it has samples that are no numbers");
    if (!(loudest(samples) > 0.0F)) throw std::runtime_error(path.string() + ": there is no sound in it");
    normalise(samples);
    return without_pauses(samples, rate_hz, longest_pause);
}

} // namespace

Programme programme_from(const std::filesystem::path &file) {
    Programme programme;
    programme.samples = prepared(file, programme.rate_hz, longest_pause_own);
    programme.title = file.filename().string();
    if (programme.rate_hz < lowest_rate || programme.rate_hz > highest_rate)
        throw std::runtime_error(file.string() + ": its rate of " + std::to_string(programme.rate_hz) +
                                 " Hz is outside 8000 to 192000 Hz");
    if (programme.seconds() < shortest_seconds) throw std::runtime_error(file.string() + ": it is too short");
    return programme;
}

Programme shipped_programme() {
    const std::filesystem::path directory = "/usr/share/sounds/alsa";
    constexpr std::array names{"Front_Center", "Front_Left", "Front_Right", "Rear_Center", "Rear_Left",
                               "Rear_Right",   "Side_Left",  "Side_Right",  "Noise"};
    Programme programme;
    programme.title = "the nine recordings of alsa-utils";
    for (const char *name : names) {
        std::uint32_t rate_hz = 0;
        const auto path = directory / (std::string(name) + ".wav");
        if (!std::filesystem::exists(path))
            throw std::runtime_error(path.string() + " is missing; install alsa-utils, or name a recording with --play");
        const auto samples = prepared(path, rate_hz, longest_pause_shipped);
        if (programme.samples.empty()) programme.rate_hz = rate_hz;
        if (rate_hz == programme.rate_hz) programme.samples.insert(programme.samples.end(), samples.begin(), samples.end());
    }
    return programme;
}

void write_wav(const std::filesystem::path &path, std::uint32_t rate_hz, std::uint32_t channels, const std::vector<float> &samples) {
    SF_INFO info{};
    info.samplerate = static_cast<int>(rate_hz);
    info.channels = static_cast<int>(channels);
    info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
    SNDFILE *file = sf_open(path.c_str(), SFM_WRITE, &info);
    if (file == nullptr) throw std::runtime_error(path.string() + ": " + sf_strerror(nullptr));
    const auto count = static_cast<sf_count_t>(samples.size());
    const bool written = sf_write_float(file, samples.data(), count) == count;
    if (sf_close(file) != 0 || !written) throw std::runtime_error("cannot write " + path.string());
}

} // namespace soundwarden::demo
