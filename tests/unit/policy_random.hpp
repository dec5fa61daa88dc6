// SPDX-License-Identifier: MIT
// Random policy texts without errors: the same for the same seed.
#pragma once

#include "model/load.hpp"
#include "model/output.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace soundwarden::policy {

class RandomPolicy {
  public:
    explicit RandomPolicy(std::uint32_t seed) : random_(seed) {}

    /// A whole file; names of rules are told apart by `file`. May be a mask.
    std::string file(const std::string &file) {
        if (chance(10)) return "# masked\n";
        std::string out = "schema = 1\n";
        if (chance(3)) out += settings();
        for (std::uint32_t i = pick(4); i > 0; --i) out += output();
        for (std::uint32_t i = pick(4); i > 0; --i) out += load();
        for (std::uint32_t i = pick(8); i > 0; --i)
            out += rule(chance(2) ? file + std::to_string(i) : std::to_string(i));
        return out;
    }
    std::uint32_t pick(std::uint32_t count) { return static_cast<std::uint32_t>(random_()) % count; }
    bool chance(std::uint32_t in) { return pick(in) == 0; }

  private:
    double number(double least, double most) { return std::uniform_real_distribution<double>(least, most)(random_); }
    std::string digits(double value) {
        switch (pick(3)) {
        case 0: return std::to_string(static_cast<int>(value));
        case 1: return std::to_string(value);
        default: {
            std::string text = std::to_string(static_cast<int>(value));
            return text + "." + std::to_string(pick(10));
        }
        }
    }
    /// A quantity with room to both of its edges.
    std::string quantity(const std::string &key, double least, double most, const std::string &unit,
                         const std::string &twin) {
        const std::string value = digits(number(least + 1, most - 1));
        return chance(3) ? twin + " = " + value + "\n" : key + " = \"" + value + " " + unit + "\"\n";
    }
    std::string text() {
        static const char *const words[] = {
            "Headphones", "a \\\"b\\\"", "back\\\\slash", "\\u00e4", "\u8033\u673A", "x # y", "[z]",
            "=",          "'",           "\u200Fright"};
        std::string out;
        for (std::uint32_t i = 0; i <= pick(3); ++i) out += words[pick(std::size(words))];
        return "\"" + out + "\"";
    }
    std::string glob() {
        static const char *const globs[] = {"*", "Head*", "[a-c]?", "alsa_output.*", "!x", "\\\\*", "[!0-9]"};
        return std::string("\"") + globs[pick(std::size(globs))] + std::to_string(pick(3)) + "\"";
    }
    template <class E>
    std::string set() {
        const auto &table = Names<E>::table;
        std::string out = "[";
        const bool negated = chance(3);
        for (std::uint32_t i = 0; i <= pick(3); ++i)
            out += (out.size() > 1 ? ", \"" : "\"") + std::string(negated ? "!" : "") +
                   std::string(table[pick(static_cast<std::uint32_t>(table.size()))].second) + "\"";
        return out + "]";
    }
    std::string when() {
        std::string out;
        const auto add = [&out](const std::string &part) { out += (out.empty() ? "" : ", ") + part; };
        if (chance(2)) add("kind = " + set<OutputKind>());
        if (chance(2)) add("load = " + set<Load>());
        if (chance(4)) add("output = [" + glob() + ", " + glob() + "]");
        if (chance(5)) add("channels = \"> " + std::to_string(pick(64)) + "\"");
        if (chance(5)) add("channels = " + std::to_string(1 + pick(64)));
        if (out.find("channels") != out.rfind("channels")) return {};
        if (chance(6)) add("impedance = \"<= " + std::to_string(1 + pick(600)) + " ohm\"");
        return out.empty() ? "" : "when = { " + out + " }\n";
    }
    std::string rule(const std::string &name) {
        std::string out = "[[rule]]\nname = \"" + name + "\"\n" + when();
        switch (pick(3)) {
        case 0:
            out += "verdict = \"allow\"\n";
            if (chance(3)) out += "to-rating = true\n";
            if (chance(3)) out += "start-low = true\n";
            break;
        case 1: {
            out += "verdict = \"limit\"\n";
            const bool target = chance(2);
            if (target) out += quantity("target", 40, 120, "dB(A)", "target-dba");
            if (!target || chance(3)) out += quantity("cap", -150, 0, "dB", "cap-db");
            if (target && chance(3)) out += quantity("below", 0, 100, "dB", "below-db");
            if (target && chance(3)) out += "governor = false\n";
            break;
        }
        default: out += "verdict = \"block\"\n";
        }
        if (chance(4)) out += quantity("start-level", -100, 0, "dB", "start-level-db");
        if (chance(3)) out += "ask = true\n";
        if (chance(3)) out += "reason = \"because-" + std::to_string(pick(9)) + "\"\n";
        if (chance(3)) out += "message = " + text() + "\n";
        if (chance(5)) out += quantity("override-max", -150, 0, "dBFS", "override-max-dbfs");
        if (chance(5)) out += "override-for-max = \"" + std::to_string(1 + pick(1440)) + " min\"\n";
        if (chance(4)) out += "locked = true\n";
        return out;
    }
    std::string output() {
        std::string out = "[[output]]\nname = " + text() + "\nmatch = { node = " + glob() +
                          (chance(2) ? ", usb = \"1235:82AB\"" : "") + " }\n";
        if (chance(2)) out += "kind = \"line-out\"\n";
        if (chance(3))
            out += "channels = [" + std::to_string(1 + pick(8)) + ", " + std::to_string(9 + pick(50)) + "]\n";
        if (chance(2)) out += quantity("full-scale", 0.01, 200, "V", "full-scale-v");
        if (chance(2)) out += quantity("output-impedance", 0, 10000, "ohm", "output-impedance-ohm");
        if (chance(2)) out += quantity("gain-after-dac", -100, 100, "dB", "gain-after-dac-db");
        if (chance(3)) out += "shares = [" + text() + "]\n";
        if (chance(3)) out += "mode = \"smooth\"\n";
        if (chance(3)) out += quantity("release", 1, 10000, "ms", "release-ms");
        if (chance(3)) out += "hold-device = true\n";
        if (chance(3)) out += "passthrough = \"block\"\n";
        if (chance(3)) out += "source = " + text() + "\n";
        return out;
    }
    std::string load() {
        std::string out = "[[load]]\nname = " + text() + "\nkind = \"in-ear\"\n";
        if (chance(2)) out += "match = " + glob() + "\n";
        if (chance(2)) out += quantity("impedance", 0.1, 1e6, "ohm", "impedance-ohm");
        if (chance(2))
            out += chance(2) ? quantity("sensitivity", 60, 150, "dB SPL/V", "sensitivity-db-per-v")
                             : quantity("sensitivity", 60, 150, "dB/mW", "sensitivity-db-per-mw");
        if (chance(3)) out += quantity("rating", 0.1, 10000, "W", "rating-w");
        return out;
    }
    std::string settings() {
        std::string out = "[settings]\n";
        if (chance(2)) out += std::string("posture = \"") + (chance(2) ? "strict" : "observe") + "\"\n";
        if (chance(2)) out += quantity("settle", 100, 10000, "ms", "settle-ms");
        if (chance(2)) out += quantity("unplug-hold", 100, 10000, "ms", "unplug-hold-ms");
        if (chance(2)) out += quantity("orphan-silence", 0, 600, "s", "orphan-silence-s");
        if (chance(2)) out += quantity("orphan-level", -100, -10, "dB", "orphan-level-db");
        if (chance(2)) out += "notifications = false\n";
        if (chance(2)) out += "cue = false\n";
        if (chance(2)) out += quantity("dose-allowance", 0.01, 16, "Pa2h", "dose-allowance-pa2h");
        if (chance(2)) out += chance(2) ? "dose-notices = \"75.5 %\"\n" : "dose-notices = [\"10 %\", \"100%\"]\n";
        if (chance(2)) out += quantity("dose-soft-landing", 1, 10000, "%", "dose-soft-landing-percent");
        if (chance(2)) out += quantity("dose-stop", 1, 10000, "%", "dose-stop-percent");
        if (chance(2)) out += quantity("dose-warn-above", 80, 120, "dB(A)", "dose-warn-above-dba");
        if (chance(2)) out += "mode = \"low\"\n";
        if (chance(2)) out += quantity("release", 1, 10000, "ms", "release-ms");
        if (chance(3)) out += "locked = true\n";
        return out;
    }

    std::mt19937 random_;
};

} // namespace soundwarden::policy
