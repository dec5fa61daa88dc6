// SPDX-License-Identifier: MIT
#include "take.hpp"

#include <sndfile.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace soundwarden::check {

namespace {

struct Wav {
    std::uint32_t rate_hz = 0;
    std::uint32_t channels = 0;
    std::vector<float> samples;
};

Wav read_wav(const std::filesystem::path &path) {
    SF_INFO info{};
    SNDFILE *file = sf_open(path.c_str(), SFM_READ, &info);
    if (file == nullptr) throw std::runtime_error(path.string() + ": " + sf_strerror(nullptr));
    Wav wav;
    wav.rate_hz = static_cast<std::uint32_t>(info.samplerate);
    wav.channels = static_cast<std::uint32_t>(info.channels);
    wav.samples.resize(static_cast<std::size_t>(info.frames) * wav.channels);
    const auto count = static_cast<sf_count_t>(wav.samples.size());
    const bool complete = sf_read_float(file, wav.samples.data(), count) == count;
    const bool is_float = (info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT;
    sf_close(file);
    if (!complete) throw std::runtime_error(path.string() + ": it is cut off");
    if (!is_float) throw std::runtime_error(path.string() + ": its samples are not 32-bit floats, so levels above full scale are lost");
    return wav;
}

void add_cycles(Take &take, const nlohmann::json &line) {
    for (const auto &row : line.at("rows"))
        take.cycles.push_back({row.at(0).get<Nanoseconds>(), row.at(1).get<Frame>(), row.at(2).get<std::uint32_t>(),
                               row.at(3).get<std::uint64_t>(), row.at(4).get<std::uint32_t>()});
}

void read_line(Take &take, const nlohmann::json &line) {
    const auto kind = line.at("kind").get<std::string>();
    if (kind == "recording") {
        if (line.at("format").get<int>() != 1) throw std::runtime_error("a format that this program does not know");
        take.rate_hz = line.at("rate").get<std::uint32_t>();
        take.channels = line.at("channels").get<std::uint32_t>();
        take.quantum = line.at("quantum").get<std::uint32_t>();
    } else if (kind == "cycles") {
        add_cycles(take, line);
    } else {
        take.events.push_back({line.at("t_ns").get<Nanoseconds>(), kind, line});
    }
}

void read_timeline(Take &take, const std::filesystem::path &path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path.string() + " cannot be read");
    std::size_t number = 0;
    for (std::string text; std::getline(file, text);) {
        ++number;
        try {
            read_line(take, nlohmann::json::parse(text));
        } catch (const std::exception &error) {
            throw std::runtime_error(path.string() + ":" + std::to_string(number) + ": " + error.what());
        }
    }
    if (take.rate_hz == 0 || take.channels == 0 || take.quantum == 0)
        throw std::runtime_error(path.string() + ": the line \"recording\" is missing");
    if (take.cycles.empty()) throw std::runtime_error(path.string() + ": the lines \"cycles\" are missing");
    const auto earlier = [](const auto &a, const auto &b) { return a.t_ns < b.t_ns; };
    std::stable_sort(take.events.begin(), take.events.end(), earlier);
}

void find_misfit(Take &take, const Wav &source, const Wav &sink) {
    const Frame told = take.cycles.back().frame + take.cycles.back().frames;
    if (source.rate_hz != take.rate_hz || sink.rate_hz != take.rate_hz) take.misfit = "the rates differ";
    else if (take.heard.size() != told * take.channels) take.misfit = "sink.wav is not as long as the cycles say";
    else if (take.played.size() != take.heard.size()) take.misfit = "source.wav and sink.wav differ in length";
}

} // namespace

Frame Take::frame_at(Nanoseconds t_ns) const {
    const auto cycle = std::lower_bound(cycles.begin(), cycles.end(), t_ns,
                                        [](const Cycle &entry, Nanoseconds value) { return entry.t_ns < value; });
    return cycle == cycles.end() ? frames() : std::min(cycle->frame, frames());
}

Nanoseconds Take::t_ns_of(Frame frame) const {
    const auto after = std::upper_bound(cycles.begin(), cycles.end(), frame,
                                        [](Frame value, const Cycle &cycle) { return value < cycle.frame; });
    return after == cycles.begin() ? cycles.front().t_ns : std::prev(after)->t_ns;
}

Take read_take(const std::filesystem::path &directory) {
    Take take;
    read_timeline(take, directory / "timeline.jsonl");
    Wav source = read_wav(directory / "source.wav");
    Wav sink = read_wav(directory / "sink.wav");
    if (source.channels != take.channels || sink.channels != take.channels)
        throw std::runtime_error(directory.string() + ": the files differ in their channels");
    take.played = std::move(source.samples);
    take.heard = std::move(sink.samples);
    find_misfit(take, source, sink);
    if (take.frames() == 0) throw std::runtime_error(directory.string() + ": there is nothing in the recordings");
    return take;
}

} // namespace soundwarden::check
