// SPDX-License-Identifier: MIT
#include "float_wav.hpp"

#include <memory>
#include <sndfile.h>

namespace soundwarden::bench {
namespace {

constexpr std::size_t most_channels = 64;
constexpr sf_count_t frames_at_a_time = 4096;

struct Close {
    void operator()(SNDFILE *file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, Close>;

[[noreturn]] void fail(const std::string &file, const std::string &what) { throw WavError(file + ": " + what); }

void check(const std::string &file, const SF_INFO &info) {
    const int container = info.format & SF_FORMAT_TYPEMASK;
    if (container != SF_FORMAT_WAV && container != SF_FORMAT_WAVEX)
        fail(file, "not a WAV file; convert it, for example with: ffmpeg -i IN -c:a pcm_f32le OUT.wav");
    if ((info.format & SF_FORMAT_SUBMASK) != SF_FORMAT_FLOAT)
        fail(file,
             "its samples are not 32-bit float; convert it, for example with: ffmpeg -i IN -c:a pcm_f32le OUT.wav");
    if (info.channels < 1 || info.channels > static_cast<int>(most_channels))
        fail(file, "it has " + std::to_string(info.channels) + " channels; the limiter links 1 to 64");
    if (info.samplerate < 8000 || info.samplerate > 384000)
        fail(file,
             "its rate is " + std::to_string(info.samplerate) + " Hz; the limiter is built for 8000 to 384000 Hz");
}

} // namespace

FloatWav read_float_wav(const std::string &file) {
    SF_INFO info{};
    const File opened(sf_open(file.c_str(), SFM_READ, &info));
    if (!opened) fail(file, std::string("cannot be read: ") + sf_strerror(nullptr) + "; give a 32-bit float WAV file");
    check(file, info);
    FloatWav wav{static_cast<std::uint32_t>(info.samplerate), {}, info.format & SF_FORMAT_TYPEMASK};
    wav.channels.resize(static_cast<std::size_t>(info.channels));
    std::vector<float> interleaved(static_cast<std::size_t>(frames_at_a_time) * wav.channels.size());
    for (sf_count_t got = 0; (got = sf_readf_float(opened.get(), interleaved.data(), frames_at_a_time)) > 0;)
        for (std::size_t i = 0; i < static_cast<std::size_t>(got) * wav.channels.size(); ++i)
            wav.channels[i % wav.channels.size()].push_back(interleaved[i]);
    if (sf_error(opened.get()) != SF_ERR_NO_ERROR || static_cast<sf_count_t>(wav.frames()) != info.frames)
        fail(file, "ends early or is damaged; make it again");
    return wav;
}

void write_float_wav(const std::string &file, const FloatWav &wav) {
    SF_INFO info{};
    info.samplerate = static_cast<int>(wav.rate_hz);
    info.channels = static_cast<int>(wav.channels.size());
    info.format = wav.format | SF_FORMAT_FLOAT;
    File opened(sf_open(file.c_str(), SFM_WRITE, &info));
    if (!opened)
        fail(file,
             std::string("cannot be written: ") + sf_strerror(nullptr) + "; give a folder that is there and writable");
    // It would hold the time of writing.
    sf_command(opened.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
    std::vector<float> interleaved;
    for (std::size_t done = 0; done < wav.frames(); ++done)
        for (const std::vector<float> &channel : wav.channels) interleaved.push_back(channel[done]);
    const auto frames = static_cast<sf_count_t>(wav.frames());
    const bool written = sf_writef_float(opened.get(), interleaved.data(), frames) == frames;
    if (sf_close(opened.release()) != 0 || !written) fail(file, "was not written whole; see whether the disk is full");
}

} // namespace soundwarden::bench
