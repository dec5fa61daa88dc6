// SPDX-License-Identifier: MIT
// A JACK client as there are many: plays a tone and connects itself to the physical playback ports, or to those whose names
// match a pattern, as often as it is told. Run it with pw-jack.
//
//   soundwarden-jackclient TIMES AMPLITUDE [PATTERN]
//
// Prints "connected PORT" for each connection it asked for, one line each, "done" when it has asked TIMES times; plays on
// until its standard input ends. Between two times it waits until the connections are undone, 200 ms at most.
#include <jack/jack.h>

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

namespace {

struct Tone {
    std::array<jack_port_t *, 2> ports{};
    float amplitude = 1.0F;
    double step = 0.0;
    double phase = 0.0;
};

int process(jack_nframes_t frames, void *data) {
    auto &tone = *static_cast<Tone *>(data);
    std::array<float *, 2> out{};
    for (std::size_t at = 0; at < out.size(); ++at) out[at] = static_cast<float *>(jack_port_get_buffer(tone.ports[at], frames));
    for (jack_nframes_t frame = 0; frame < frames; ++frame) {
        const float sample = tone.amplitude * static_cast<float>(std::sin(tone.phase));
        tone.phase = std::fmod(tone.phase + tone.step, 2.0 * std::numbers::pi);
        for (float *channel : out)
            if (channel != nullptr) channel[frame] = sample;
    }
    return 0;
}

/// Playback ports, in the order in which JACK lists them.
std::vector<std::string> targets(jack_client_t *client, const char *pattern) {
    std::vector<std::string> names;
    const char **ports = jack_get_ports(client, pattern, JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput | JackPortIsPhysical);
    for (const char **port = ports; port != nullptr && *port != nullptr; ++port) names.emplace_back(*port);
    jack_free(ports);
    return names;
}

bool connected(const Tone &tone, const std::vector<std::string> &names) {
    for (std::size_t at = 0; at < names.size() && at < tone.ports.size(); ++at)
        if (jack_port_connected_to(tone.ports[at], names[at].c_str()) != 0) return true;
    return false;
}

/// True when standard input has ended.
bool wait_for_end(int timeout_ms) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    char ignored = 0;
    return poll(&input, 1, timeout_ms) > 0 && read(STDIN_FILENO, &ignored, 1) <= 0;
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s TIMES AMPLITUDE [PATTERN]\n", argv[0]);
        return 2;
    }
    const int times = std::atoi(argv[1]);
    const char *pattern = argc > 3 && *argv[3] != '\0' ? argv[3] : nullptr;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    jack_client_t *client = jack_client_open("jack-client", JackNoStartServer, nullptr);
    if (client == nullptr) {
        std::fprintf(stderr, "no JACK server; run this with pw-jack\n");
        return 3;
    }
    Tone tone;
    tone.amplitude = static_cast<float>(std::atof(argv[2]));
    tone.step = 2.0 * std::numbers::pi * 2003.0 / static_cast<double>(jack_get_sample_rate(client));
    tone.ports = {jack_port_register(client, "out_l", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0),
                  jack_port_register(client, "out_r", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0)};
    jack_set_process_callback(client, process, &tone);
    jack_activate(client);
    for (int round = 0; round < times; ++round) {
        const auto names = targets(client, pattern);
        for (std::size_t at = 0; at < names.size() && at < tone.ports.size(); ++at) {
            jack_connect(client, jack_port_name(tone.ports[at]), names[at].c_str());
            std::printf("connected %s\n", names[at].c_str());
        }
        for (int waited = 0; waited < 20 && round + 1 < times && connected(tone, names); ++waited)
            if (wait_for_end(10)) break;
    }
    std::printf("done\n");
    while (!wait_for_end(-1)) {
    }
    jack_deactivate(client);
    jack_client_close(client);
    return 0;
}
