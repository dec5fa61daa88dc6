// SPDX-License-Identifier: MIT
#include "jack_name.hpp"

#include "text.hpp"

#include <algorithm>
#include <utility>

namespace soundwarden::sense {
namespace {

/// Words that drivers write in several ways.
constexpr std::pair<std::string_view, std::string_view> same_words[] = {
    {"mics", "mic"},         {"microphone", "mic"},   {"microphones", "mic"},    {"headphones", "headphone"}, {"hp", "headphone"},
    {"hph", "headphone"},    {"phones", "headphone"}, {"earphone", "headphone"}, {"earphones", "headphone"},  {"headsets", "headset"},
    {"speakers", "speaker"}, {"spk", "speaker"},      {"spkr", "speaker"},       {"speakerphone", "speaker"}, {"subwoofer", "speaker"},
    {"input", "in"},         {"capture", "in"},       {"output", "out"},         {"playback", "out"},         {"displayport", "dp"},
    {"pdif", "spdif"},       {"toslink", "spdif"},    {"optical", "spdif"},      {"coaxial", "spdif"},        {"coax", "spdif"},
    {"docking", "dock"},     {"builtin", "internal"}, {"int", "internal"},       {"centre", "clfe"},          {"center", "clfe"},
    {"phono", "aux"},        {"cd", "aux"},
};

/// Words that are two.
constexpr std::pair<std::string_view, std::pair<std::string_view, std::string_view>> double_words[] = {
    {"lineout", {"line", "out"}}, {"linein", {"line", "in"}}, {"hpout", {"headphone", "out"}},
    {"micin", {"mic", "in"}},     {"auxin", {"aux", "in"}},   {"auxout", {"aux", "out"}},
};

Words in_our_words(const Words &words) {
    Words ours;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string &word = words[i];
        const std::string_view next = i + 1 < words.size() ? std::string_view(words[i + 1]) : std::string_view();
        const bool head = word == "head" && (next == "phone" || next == "phones" || next == "set");
        if (head || (word == "built" && next == "in")) {
            ours.emplace_back(!head ? "internal" : next == "set" ? "headset" : "headphone");
            ++i;
            continue;
        }
        const auto twice =
            std::find_if(std::begin(double_words), std::end(double_words), [&](const auto &pair) { return pair.first == word; });
        if (twice != std::end(double_words)) {
            ours.emplace_back(twice->second.first);
            ours.emplace_back(twice->second.second);
            continue;
        }
        const auto same = std::find_if(std::begin(same_words), std::end(same_words), [&](const auto &pair) { return pair.first == word; });
        ours.emplace_back(same == std::end(same_words) ? std::string_view(word) : same->second);
    }
    return ours;
}

enum class Direction { not_told, in, out };

/// The last word counts: USB's "IEC958 In - Output" is a terminal of the type "IEC958 In" that is an output.
Direction direction_of(const Words &words) {
    const auto last = std::find_if(words.rbegin(), words.rend(), [](const std::string &word) { return word == "in" || word == "out"; });
    if (last == words.rend()) return Direction::not_told;
    return *last == "in" ? Direction::in : Direction::out;
}

struct Use {
    JackUse use = JackUse::other;
    bool input = false;
    std::optional<std::size_t> at{}; // the first word that says so
};

Use either(const Words &words, Direction direction) {
    const bool microphone = has(words, {"mic"});
    const bool in = direction == Direction::in || (direction == Direction::not_told && microphone);
    if (microphone && has(words, {"headphone"})) return {JackUse::headphones_or_microphone, false, first_of(words, {"headphone", "mic"})};
    if (const auto at = first_of(words, {"headset"})) return {JackUse::headset, in, at};
    // Something that plays and is called a microphone is not known well enough to be either.
    if (microphone) return {direction == Direction::out ? JackUse::other : JackUse::microphone, in, first_of(words, {"mic"})};
    return {JackUse::headphones, in, first_of(words, {"headphone"})};
}

/// What people hear with comes before what else a name mentions.
Use use_of(const Words &words, Direction direction) {
    const bool in = direction == Direction::in;
    if (const auto at = first_of(words, {"hdmi", "dp"})) return {JackUse::hdmi, in, at};
    if (has(words, {"headphone", "headset", "mic"})) return either(words, direction);
    if (const auto at = first_of(words, {"spdif", "iec", "digital"})) return {JackUse::spdif, in, at};
    if (const auto at = first_of(words, {"line", "aux"}))
        return direction == Direction::out ? Use{JackUse::line_out, false, at} : Use{JackUse::line_in, true, at};
    if (const auto at = first_of(words, {"speaker", "lfe"})) return {JackUse::speaker, in, at};
    return {JackUse::other, in, std::nullopt};
}

JackPlace place_of(const Words &words, const Use &use) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string &word = words[i];
        if (word == "dock") return JackPlace::dock;
        if (word == "internal") return JackPlace::internal;
        const bool may_be_channels = !use.input && use.at && i > *use.at;
        if (word == "front" && !may_be_channels) return JackPlace::front;
        if (word == "rear" && !may_be_channels) return JackPlace::rear;
    }
    return JackPlace::unknown;
}

std::string channels_of(const Words &words, const Use &use) {
    if (use.input || !use.at) return {};
    for (std::size_t i = *use.at + 1; i < words.size(); ++i)
        if (words[i] == "front" || words[i] == "surround" || words[i] == "clfe" || words[i] == "side") return words[i];
    return {};
}

std::optional<std::uint32_t> pcm_of(const Words &words) {
    const auto at = first_of(words, {"pcm"});
    if (!at || *at + 1 >= words.size()) return std::nullopt;
    return number_in(words[*at + 1]);
}

/// `shown` without this word at its end and what joins it to the rest; nothing where it does not end so or nothing is left.
std::optional<std::string> without_last_word(std::string_view shown, std::string_view word) {
    if (shown.size() <= word.size() || name_words(shown.substr(shown.size() - word.size())) != Words{std::string(word)})
        return std::nullopt;
    const std::size_t before = shown.size() - word.size();
    // "Lumberjack" is one word.
    const char joint = shown[before - 1];
    if (!name_words(std::string_view(&joint, 1)).empty()) return std::nullopt;
    const std::size_t end = shown.find_last_not_of(" _-", before - 1);
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(shown.substr(0, end + 1));
}

bool selects_analog_or_digital(const Words &words) { return has(words, {"analog"}) && has(words, {"digital"}); }

} // namespace

std::optional<Jack> parse_jack(std::string_view control_name, std::uint32_t index) {
    auto shown = without_last_word(clean_name(control_name, control_name.size()), "jack");
    if (!shown || selects_analog_or_digital(name_words(*shown))) return std::nullopt;
    Jack jack;
    jack.index = index;
    if (auto bare = without_last_word(*shown, "phantom")) {
        jack.phantom = true;
        shown = std::move(bare);
    }
    jack.name = clean_name(*shown);
    const Words words = in_our_words(name_words(*shown));
    const Use use = use_of(words, direction_of(words));
    jack.use = use.use;
    jack.input = use.input;
    jack.place = place_of(words, use);
    jack.channels = channels_of(words, use);
    jack.pcm = pcm_of(words);
    return jack;
}

} // namespace soundwarden::sense
