// SPDX-License-Identifier: MIT
#include "peers.hpp"

#include "peer_hosts.hpp"

#include <algorithm>

namespace soundwarden::bench {
namespace {

LoadedPeer load(const PeerKind &kind, [[maybe_unused]] std::uint32_t rate_hz) {
    switch (kind.kind) {
    case PluginKind::lv2:
#ifdef SOUNDWARDEN_WITH_LILV
        return load_lv2(kind, rate_hz);
#else
        return {nullptr, "this program was built without liblilv-dev"};
#endif
    case PluginKind::ladspa:
#ifdef SOUNDWARDEN_WITH_LADSPA
        return load_ladspa(kind, rate_hz);
#else
        return {nullptr, "this program was built without ladspa-sdk"};
#endif
    }
    return {};
}

std::vector<PeerKind> all_kinds() {
    using enum PluginKind;
    const std::string_view dpl = "http://gareus.org/oss/lv2/dpl#stereo";
    const std::string_view lsp = "http://lsp-plug.in/plugins/lv2/limiter_stereo";
    const std::string_view calf = "http://calf.sourceforge.net/plugins/Limiter";
    const auto dpl_controls = [](float true_peak) {
        return std::vector<PeerControl>{
            {"enable", 1.0F}, {"gain", 0.0F}, {"threshold", -1.0F}, {"release", 0.05F}, {"truepeak", true_peak}};
    };
    const auto lsp_controls = [](float lookahead_ms, std::string_view oversampling) {
        return std::vector<PeerControl>{
            {"th", peer_ceiling}, {"alr", 0.0F}, {"boost", 0.0F},      {"knee", 1.0F},
            {"lk", lookahead_ms}, {"rt", 20.0F}, {"at", lookahead_ms}, {"ovs", 0.0F, oversampling}};
    };
    const auto calf_controls = [](float oversampling) {
        return std::vector<PeerControl>{{"limit", peer_ceiling}, {"asc", 0.0F},      {"auto_level", 0.0F},
                                        {"attack", 5.0F},        {"release", 50.0F}, {"oversampling", oversampling}};
    };
    return {
        {"dpl", "x42 dpl", "sample-peak", "x42-plugins", lv2, dpl, 0, dpl_controls(0.0F), false},
        {"dpl-true-peak", "x42 dpl", "true-peak", "x42-plugins", lv2, dpl, 0, dpl_controls(1.0F), true},
        {"lsp", "LSP", "5-ms", "lsp-plugins-lv2", lv2, lsp, 0, lsp_controls(5.0F, "None"), false},
        {"lsp-short", "LSP", "1.2-ms", "lsp-plugins-lv2", lv2, lsp, 0, lsp_controls(1.2F, "None"), false},
        {"lsp-half", "LSP", "5-ms-half-x4", "lsp-plugins-lv2", lv2, lsp, 0, lsp_controls(5.0F, "Half x4(3L)"), true},
        {"lsp-full", "LSP", "5-ms-full-x4", "lsp-plugins-lv2", lv2, lsp, 0, lsp_controls(5.0F, "Full x4(3L)"), true},
        {"swh-1913",
         "SWH 1913",
         "sample-peak",
         "swh-plugins",
         ladspa,
         "fast_lookahead_limiter_1913.so",
         1913,
         {{"Input gain (dB)", 0.0F}, {"Limit (dB)", -1.0F}, {"Release time (s)", 0.05F}},
         false},
        {"calf", "Calf", "sample-peak", "calf-plugins", lv2, calf, 0, calf_controls(1.0F), false},
        {"calf-4x", "Calf", "oversampling-4x", "calf-plugins", lv2, calf, 0, calf_controls(4.0F), true},
        {"zamaximx2",
         "ZaMaximX2",
         "sample-peak",
         "zam-plugins",
         lv2,
         "urn:zamaudio:ZaMaximX2",
         0,
         {{"rel", 50.0F}, {"ceil", -1.0F}, {"thresh", -1.0F}},
         false},
    };
}

} // namespace

std::span<const PeerKind> peer_kinds() {
    static const std::vector<PeerKind> kinds = all_kinds();
    return kinds;
}

const PeerKind *find_peer(std::string_view name) {
    const auto kinds = peer_kinds();
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [name](const PeerKind &kind) { return kind.name == name; });
    return found == kinds.end() ? nullptr : &*found;
}

LoadedPeer load_peer(const PeerKind &kind, std::uint32_t rate_hz) {
    LoadedPeer loaded = load(kind, rate_hz);
    if (!loaded.peer)
        loaded.missing = std::string(kind.who) + " (" + std::string(kind.package) + "): " + loaded.missing;
    return loaded;
}

} // namespace soundwarden::bench
