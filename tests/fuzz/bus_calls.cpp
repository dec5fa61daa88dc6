// SPDX-License-Identifier: MIT
#include "bus_calls.hpp"

#include <array>
#include <cstring>
#include <limits>
#include <string_view>

namespace soundwarden::test {
namespace {

constexpr const char *service = "org.soundwarden.SoundWarden1";
constexpr const char *manager = "org.soundwarden.SoundWarden1.Manager";
constexpr const char *output_interface = "org.soundwarden.SoundWarden1.Output";
constexpr const char *dose = "org.soundwarden.SoundWarden1.Dose";
constexpr const char *properties = "org.freedesktop.DBus.Properties";

struct Method {
    const char *interface;
    const char *name;
    const char *signature;
};
constexpr std::array methods{
    Method{manager, "Release", ""}, Method{manager, "Reload", ""}, Method{manager, "Panic", ""}, Method{manager, "Resume", ""},
    Method{manager, "ForgetAll", ""}, Method{manager, "Log", "xuss"}, Method{manager, "Explain", "s"}, Method{manager, "Checks", ""},
    Method{manager, "Graph", ""}, Method{manager, "Meters", "asu"}, Method{output_interface, "Guard", "b"}, Method{output_interface, "Release", ""},
    Method{output_interface, "Answer", "sa{sv}"}, Method{output_interface, "Override", "du"}, Method{output_interface, "CancelOverride", ""},
    Method{output_interface, "Forget", ""}, Method{dose, "History", "sx"}, Method{properties, "Get", "ss"}, Method{properties, "Set", "ssv"},
    Method{properties, "GetAll", "s"}, Method{"org.freedesktop.DBus.ObjectManager", "GetManagedObjects", ""},
    Method{"org.freedesktop.DBus.Introspectable", "Introspect", ""}, Method{"org.freedesktop.DBus.Peer", "Ping", ""},
    Method{manager, "NoSuchMethod", "s"}, Method{"org.example.Nobody", "Answer", "sa{sv}"}};
constexpr std::array signatures{"",    "s",      "b",     "d",     "u",   "x",    "v",        "h",     "o",      "g",         "as",  "a{sv}",
                                "ay",  "av",     "(sd)",  "a(ss)", "aas", "sss",  "ddddd",    "y",     "n",      "q",         "i",   "t",
                                "sa{sv}", "du", "vv", "a{ss}", "(((s)))", "aaaaas", "a{s(vv)}", "xuss", "ssv", "asu"};
constexpr std::array variants{"s", "d", "u", "b", "as", "v", "(sd)", "ay", "x"};
constexpr std::array words{"", "headphones", "in-ear", "unknown", "nothing", "model", "impedance", "sensitivity", "minute", "hour", "State", "Id", "PeakDbfs",
                           "org.soundwarden.SoundWarden1.Manager", "org.soundwarden.SoundWarden1.Output", "org.freedesktop.DBus.Properties",
                           "../../etc/passwd", "\x1b[31m", "\u202e", "\U0001F50A", "'; DROP TABLE answers; --", "%s%n", "edge"};
constexpr std::size_t huge = 200'000;

/// Length of the first complete type.
std::size_t first_type(std::string_view signature) {
    if (signature.empty()) return 0;
    if (signature[0] == 'a') return 1 + first_type(signature.substr(1));
    if (signature[0] != '(' && signature[0] != '{') return 1;
    int depth = 0;
    for (std::size_t at = 0; at < signature.size(); ++at) {
        if (signature[at] == '(' || signature[at] == '{') ++depth;
        if ((signature[at] == ')' || signature[at] == '}') && --depth == 0) return at + 1;
    }
    return signature.size();
}

std::string text_from(Bytes &bytes) {
    const std::uint8_t kind = bytes.next();
    if (kind < 200) return words[kind % words.size()];
    if (kind == 255) return std::string(huge, static_cast<char>('a' + bytes.below(26)));
    std::string text;
    for (std::size_t left = bytes.below(64); left > 0; --left) text += static_cast<char>(1 + bytes.below(127));
    return text;
}

double double_from(Bytes &bytes) {
    constexpr std::array values{0.0, -6.0, 1.0, -150.0, 3.0, 32.0, 100.0, -1e300, 1e300, std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::denorm_min()};
    if (bytes.below(3) != 0) return values[bytes.below(values.size())];
    const auto bits = bytes.number<std::uint64_t>();
    double value = 0.0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

bool append_basic(sd_bus_message *message, char type, Bytes &bytes) {
    switch (type) {
    case 'y': { const auto value = bytes.next(); return sd_bus_message_append_basic(message, type, &value) >= 0; }
    case 'b': { const int value = bytes.next() & 1; return sd_bus_message_append_basic(message, type, &value) >= 0; }
    case 'n':
    case 'q': { const auto value = bytes.number<std::uint16_t>(); return sd_bus_message_append_basic(message, type, &value) >= 0; }
    case 'i':
    case 'u': { const auto value = bytes.number<std::uint32_t>(); return sd_bus_message_append_basic(message, type, &value) >= 0; }
    case 'x':
    case 't': { const auto value = bytes.number<std::uint64_t>(); return sd_bus_message_append_basic(message, type, &value) >= 0; }
    case 'd': { const double value = double_from(bytes); return sd_bus_message_append_basic(message, type, &value) >= 0; }
    case 's': return sd_bus_message_append_basic(message, type, text_from(bytes).c_str()) >= 0;
    case 'o': return sd_bus_message_append_basic(message, type, "/org/soundwarden/SoundWarden1") >= 0;
    case 'g': return sd_bus_message_append_basic(message, type, "a{sv}") >= 0;
    case 'h': { const int descriptor = 0; return sd_bus_message_append_basic(message, type, &descriptor) >= 0; }
    default: return false;
    }
}

bool append(sd_bus_message *message, std::string_view signature, Bytes &bytes);

bool append_container(sd_bus_message *message, char type, const std::string &contents, std::size_t times, Bytes &bytes) {
    if (sd_bus_message_open_container(message, type, contents.c_str()) < 0) return false;
    for (std::size_t n = 0; n < times; ++n)
        if (!append(message, contents, bytes)) return false;
    return sd_bus_message_close_container(message) >= 0;
}

bool append(sd_bus_message *message, std::string_view signature, Bytes &bytes) {
    while (!signature.empty()) {
        const std::size_t length = first_type(signature);
        const std::string type{signature.substr(0, length)};
        signature.remove_prefix(length);
        bool done = false;
        if (type[0] == 'a') {
            const std::uint8_t count = bytes.next();
            done = append_container(message, 'a', type.substr(1), bytes.empty() ? 0 : count == 255 ? 300 : count % 5U, bytes);
        } else if (type[0] == '(') {
            done = append_container(message, 'r', type.substr(1, length - 2), 1, bytes);
        } else if (type[0] == '{') {
            done = append_container(message, 'e', type.substr(1, length - 2), 1, bytes);
        } else if (type[0] == 'v') {
            // Not for ever: where nothing is left to say it is a string.
            done = append_container(message, 'v', bytes.empty() ? "s" : variants[bytes.below(variants.size())], 1, bytes);
        } else {
            done = append_basic(message, type[0], bytes);
        }
        if (!done) return false;
    }
    return true;
}

std::string path_from(const std::string &output, Bytes &bytes) {
    switch (bytes.below(8)) {
    case 0: return "/org/soundwarden/SoundWarden1/dose";
    case 1: return "/org/soundwarden/SoundWarden1/output/nobody";
    case 2: return "/";
    case 3: return "/org/soundwarden/SoundWarden1/output/" + std::string(1 + bytes.next() * 16U, 'a');
    case 4:
    case 5: return "/org/soundwarden/SoundWarden1";
    default: return output;
    }
}

} // namespace

MessagePtr call_from(sd_bus *bus, const std::string &output, Bytes &bytes) {
    const Method &method = methods[bytes.below(methods.size())];
    const std::string path = path_from(output, bytes);
    sd_bus_message *made = nullptr;
    // Mostly where it belongs: the rest never gets as far as the arguments.
    const bool right = bytes.below(4) != 0;
    const char *where = !right                               ? path.c_str()
                        : method.interface == output_interface ? output.c_str()
                        : method.interface == dose             ? "/org/soundwarden/SoundWarden1/dose"
                        : method.interface == manager          ? "/org/soundwarden/SoundWarden1"
                                                               : path.c_str();
    if (sd_bus_message_new_method_call(bus, &made, service, where, bytes.below(16) == 0 ? nullptr : method.interface, method.name) < 0) return nullptr;
    MessagePtr message{made};
    const char *signature = bytes.below(3) != 0 ? method.signature : signatures[bytes.below(signatures.size())];
    if (!append(message.get(), signature, bytes)) return nullptr;
    return message;
}

MessagePtr signal_from(sd_bus *bus, const std::string &output, Bytes &bytes) {
    struct Forged {
        const char *path, *interface, *name, *signature;
    };
    const std::array forged{Forged{"/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", "sss"},
                            Forged{output.c_str(), properties, "PropertiesChanged", "sa{sv}as"},
                            Forged{"/org/freedesktop/Notifications", "org.freedesktop.Notifications", "ActionInvoked", "us"},
                            Forged{"/org/freedesktop/Notifications", "org.freedesktop.Notifications", "NotificationClosed", "uu"},
                            Forged{"/org/soundwarden/SoundWarden1", manager, "Anything", "v"}};
    const Forged &chosen = forged[bytes.below(forged.size())];
    sd_bus_message *made = nullptr;
    if (sd_bus_message_new_signal(bus, &made, chosen.path, chosen.interface, chosen.name) < 0) return nullptr;
    MessagePtr message{made};
    if (bytes.below(2) == 0 && sd_bus_message_set_destination(message.get(), service) < 0) return nullptr;
    if (!append(message.get(), bytes.below(3) != 0 ? chosen.signature : signatures[bytes.below(signatures.size())], bytes)) return nullptr;
    return message;
}

} // namespace soundwarden::test
