// SPDX-License-Identifier: MIT
#include "trace/pseudonyms.hpp"

#include "policy/policy_set.hpp"
#include "values.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace soundwarden::trace {
namespace {

constexpr std::size_t least_secret = 4; // shorter ones tell nobody apart
constexpr std::size_t least_alone = 6;  // shorter ones mean other things elsewhere
constexpr unsigned most_draws = 10'000;
constexpr std::size_t address_length = 17;
constexpr unsigned letters_of_hex = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) { return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// As output ids have it: lower case, "_" for what is no letter or digit. As long as the text.
std::string plain_form(std::string_view text) {
    std::string plain(text);
    for (char &c : plain) c = is_word(c) ? lower(c) : '_';
    return plain;
}

std::size_t word_end(std::string_view plain, std::size_t at) {
    while (at < plain.size() && plain[at] != '_') ++at;
    return at;
}

std::vector<std::string> words_of(std::string_view text) {
    const std::string plain = plain_form(text);
    std::vector<std::string> words;
    for (std::size_t at = 0; at < plain.size(); ++at) {
        const std::size_t end = word_end(plain, at);
        if (end > at) words.push_back(plain.substr(at, end - at));
        at = end;
    }
    return words;
}

std::size_t digits_in(std::string_view word) { return static_cast<std::size_t>(std::count_if(word.begin(), word.end(), is_digit)); }
std::size_t characters_in(std::string_view part) { return static_cast<std::size_t>(std::count_if(part.begin(), part.end(), is_word)); }

/// No word of a language: it has a digit, or is hexadecimal without one by chance.
bool is_number(std::string_view part) {
    const std::size_t characters = characters_in(part);
    const bool hex = std::all_of(part.begin(), part.end(), [](char c) { return !is_word(c) || is_hex(c); });
    return characters >= least_secret && (digits_in(part) > 0 || (characters >= 8 && hex));
}

/// udev's ID_PATH: where something is plugged in, not what it is.
bool is_path(std::string_view text) {
    constexpr std::array<std::string_view, 8> starts{"pci-", "platform-", "usb-", "acpi-", "vmbus-", "virtio-", "xen-", "amba-"};
    return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return text.starts_with(start); });
}

/// Ids and names that are made of an ID_PATH hold nothing secret.
bool is_made_of_path(std::string_view name) {
    constexpr std::array<std::string_view, 4> starts{"pci_0", "platform_", "alsa_output.pci-", "alsa_output.platform-"};
    return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return name.starts_with(start); });
}

/// Whether six pairs of hexadecimal digits with one kind of separator begin there and end there as a word.
bool is_address(std::string_view text) {
    if (text.size() < address_length || (text.size() > address_length && is_word(text[address_length]))) return false;
    const char separator = text[2];
    if (separator != ':' && separator != '_' && separator != '-') return false;
    for (std::size_t i = 0; i < address_length; ++i)
        if (i % 3 == 2 ? text[i] != separator : !is_hex(text[i])) return false;
    return true;
}

/// The pseudonym in the form of the text: its case, and what it has between words.
std::string in_form_of(std::string_view text, std::string_view pseudonym) {
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i)
        if (is_word(out[i])) out[i] = is_upper(out[i]) ? upper(pseudonym[i]) : pseudonym[i];
    return out;
}

std::string trimmed(std::string plain) {
    plain.erase(0, std::min(plain.find_first_not_of('_'), plain.size()));
    plain.erase(plain.find_last_not_of('_') + 1);
    return plain;
}

std::string compact(std::string_view address) {
    std::string out;
    for (const char c : address)
        if (is_word(c)) out += lower(c);
    return out;
}

std::vector<std::string_view> parts_of(std::string_view id_serial) {
    std::vector<std::string_view> parts;
    while (!id_serial.empty()) {
        const std::size_t end = std::min(id_serial.find('_'), id_serial.size());
        if (end > 0) parts.push_back(id_serial.substr(0, end));
        id_serial.remove_prefix(std::min(end + 1, id_serial.size()));
    }
    return parts;
}

/// What stands in quotes.
std::vector<std::string_view> quoted_in(std::string_view line) {
    std::vector<std::string_view> found;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] != '"' && line[at] != '\'') continue;
        const std::size_t end = line.find(line[at], at + 1);
        if (end == line.npos) break;
        found.push_back(line.substr(at + 1, end - at - 1));
        at = end;
    }
    return found;
}

/// Whether rules or the classifier may look for it.
bool is_looked_for(const std::string &word) {
    static const std::set<std::string> words = [] {
        std::set<std::string> found{"iec958"}; // the classifier's own
        for (const policy::SourceText &text : policy::builtin_texts())
            for (std::string &each : words_of(text.content))
                if (is_number(each)) found.insert(std::move(each));
        return found;
    }();
    return words.contains(word);
}

} // namespace

Pseudonyms::Pseudonyms(Random random) : random_(std::move(random)) {}

// ---- what is secret

void Pseudonyms::learn(const engine::Event &event) {
    if (const auto *card = std::get_if<engine::CardSensed>(&event)) {
        learn_serial(card->facts.usb_serial);
    } else if (const auto *seen = std::get_if<engine::SinkSeen>(&event)) {
        const engine::SinkFacts &facts = seen->facts;
        if (facts.bus == "usb" && !is_path(facts.bus_path)) learn_id_serial(facts.bus_path);
        learn_id_serials_within(facts.key);
        know(sinks_, facts.key);
    } else if (const auto *loaded = std::get_if<engine::PolicyLoaded>(&event)) {
        if (loaded->set != nullptr) learn_policy(*loaded->set);
    }
}

/// Files can name a device that has not been seen yet.
void Pseudonyms::learn_policy(const policy::PolicySet &set) {
    if (set.origin == nullptr) return;
    for (const policy::SourceText &text : set.origin->texts) {
        std::string_view rest = text.content;
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            const std::size_t bus_path = line.find("bus-path");
            if (bus_path != line.npos)
                for (const std::string_view value : quoted_in(line.substr(bus_path)))
                    if (!is_path(value) && value.find_first_of("*?[") == value.npos) learn_id_serial(value);
            if (line.find("output") == line.npos) continue;
            for (const std::string_view value : quoted_in(line))
                for (const std::string &word : words_of(value))
                    if (word.size() >= 8 && digits_in(word) >= 4) learn_serial(word);
        }
    }
}

void Pseudonyms::learn_serial(std::string_view serial) {
    const std::string plain = trimmed(plain_form(serial));
    if (characters_in(plain) < least_secret || is_address(serial)) return;
    serials_.insert(plain);
    replace_alone(plain);
}

void Pseudonyms::replace_alone(const std::string &plain) {
    if (characters_in(plain) >= least_alone && is_number(plain) && !is_looked_for(plain)) replace_everywhere(plain, pseudonym_of(plain));
}

/// The parts of an ID_SERIAL that are secret, as places in it.
std::vector<std::pair<std::size_t, std::size_t>> Pseudonyms::secrets_in(std::string_view id_serial, const std::string &plain) const {
    for (const std::string &serial : serials_)
        if (plain == serial || plain.ends_with("_" + serial)) return {{plain.size() - serial.size(), serial.size()}};
    std::vector<std::pair<std::size_t, std::size_t>> found;
    const std::vector<std::string_view> parts = parts_of(id_serial);
    for (const std::string_view part : parts) {
        const bool is_last = part.data() == parts.back().data();
        if (!is_number(part) || !(is_last || (characters_in(part) >= 8 && digits_in(part) >= 4))) continue;
        found.emplace_back(static_cast<std::size_t>(part.data() - id_serial.data()), part.size());
    }
    return found;
}

void Pseudonyms::learn_id_serial(std::string_view id_serial) {
    const std::string plain = plain_form(id_serial);
    std::string hidden = plain;
    for (const auto &[at, length] : secrets_in(id_serial, plain)) {
        const std::string secret = plain.substr(at, length);
        hidden.replace(at, length, pseudonym_of(secret));
        replace_alone(trimmed(secret));
    }
    // Also where nothing is secret: what is shown once is not hidden later, or it would look like another device.
    if (characters_in(plain) >= least_alone) replace_everywhere(trimmed(plain), trimmed(hidden));
}

/// "alsa_output.usb-Vendor_Model_SERIAL-00.analog-stereo".
void Pseudonyms::learn_id_serials_within(std::string_view text) {
    for (std::size_t at = text.find("usb-"); at != text.npos; at = text.find("usb-", at + 1)) {
        if (at > 0 && is_word(text[at - 1])) continue;
        const std::size_t begin = at + 4;
        for (std::size_t end = begin; end + 3 <= text.size() && text[end] != ' ' && text[end] != '"' && text[end] != '*'; ++end) {
            if (text[end] != '-' || !is_digit(text[end + 1]) || !is_digit(text[end + 2])) continue;
            if (end + 3 < text.size() && (is_word(text[end + 3]) || text[end + 3] == '-')) continue;
            learn_id_serial(text.substr(begin, end - begin));
            break;
        }
    }
}

void Pseudonyms::replace_everywhere(const std::string &plain, const std::string &pseudonym) {
    auto &candidates = replaced_[plain.substr(0, word_end(plain, 0))];
    if (std::any_of(candidates.begin(), candidates.end(), [&](const auto &each) { return each.first == plain; })) return;
    candidates.emplace_back(plain, pseudonym);
    std::stable_sort(candidates.begin(), candidates.end(), [](const auto &a, const auto &b) { return a.first.size() > b.first.size(); });
}

// ---- pseudonyms

std::string Pseudonyms::draw(const std::string &like, unsigned letters) {
    std::string drawn = like;
    for (unsigned i = 0; i < most_draws && (drawn == like || drawn_.contains(drawn) || secrets_.contains(drawn)); ++i)
        for (std::size_t c = 0; c < like.size(); ++c)
            if (is_digit(like[c])) drawn[c] = static_cast<char>('0' + random_() % 10);
            else if (is_word(like[c])) drawn[c] = static_cast<char>('a' + static_cast<int>(random_() % letters));
    drawn_.insert(drawn);
    return drawn;
}

const std::string &Pseudonyms::pseudonym_of(const std::string &plain, unsigned letters) {
    const auto known = secrets_.find(plain);
    if (known != secrets_.end()) return known->second;
    std::string drawn = draw(plain, letters);
    return secrets_.emplace(plain, std::move(drawn)).first->second;
}

// ---- hiding

std::string Pseudonyms::replaced_at(std::string_view text, std::size_t at, std::string_view plain) {
    const auto candidates = replaced_.find(plain.substr(at, word_end(plain, at) - at));
    if (candidates != replaced_.end())
        for (const auto &[key, pseudonym] : candidates->second) {
            const std::string_view there = plain.substr(at);
            const bool ends = there.size() == key.size() || (there.size() > key.size() && there[key.size()] == '_');
            if (ends && there.starts_with(key)) return in_form_of(text.substr(at, key.size()), pseudonym);
        }
    const std::string_view rest = text.substr(at);
    if (!is_address(rest)) return {};
    const std::string address = compact(rest.substr(0, address_length));
    const std::string &made = pseudonym_of(address, letters_of_hex);
    replace_everywhere(address, made); // without separators, from now on
    std::string spread = plain_form(rest.substr(0, address_length));
    for (std::size_t i = 0, next = 0; i < spread.size(); ++i)
        if (spread[i] != '_') spread[i] = made[next++];
    return in_form_of(rest.substr(0, address_length), spread);
}

std::string Pseudonyms::hidden_text(std::string_view text) {
    learn_id_serials_within(text);
    const std::string plain = plain_form(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const bool begins = plain[at] != '_' && (at == 0 || plain[at - 1] == '_');
        const std::string replaced = begins ? replaced_at(text, at, plain) : std::string{};
        if (replaced.empty()) {
            out += text[at++];
        } else {
            out += replaced;
            at += replaced.size();
        }
    }
    return out;
}

std::string Pseudonyms::hidden_serial(std::string_view serial) {
    const std::string plain = plain_form(serial);
    const std::string secret = trimmed(plain);
    if (!serials_.contains(secret)) return hidden_text(serial);
    std::string hidden = plain;
    hidden.replace(plain.find(secret), secret.size(), pseudonym_of(secret));
    return in_form_of(serial, hidden);
}

std::string Pseudonyms::hidden_name(Unknown &names, const std::string &name) {
    if (name.empty() || is_made_of_path(name) || names.known.contains(name)) return hidden_text(name);
    const auto known = names.aliases.find(name);
    if (known != names.aliases.end()) return known->second;
    return names.aliases.emplace(name, std::string(names.prefix) + std::to_string(names.aliases.size() + 1)).first->second;
}

void Pseudonyms::know(Unknown &names, const std::string &name) {
    if (!names.known.insert(name).second) return;
    const auto given = names.aliases.find(name);
    if (given != names.aliases.end()) now_known_.push_back({given->second, hidden_text(name)});
}

void Pseudonyms::know_output(const OutputId &output) { know(outputs_, output); }

std::vector<Alias> Pseudonyms::take_known() { return std::exchange(now_known_, {}); }

void Pseudonyms::hide(std::string &text, Meaning meaning) {
    switch (meaning) {
    case Meaning::text: text = hidden_text(text); break;
    case Meaning::sink: text = hidden_name(sinks_, text); break;
    case Meaning::output: text = hidden_name(outputs_, text); break;
    case Meaning::serial: text = hidden_serial(text); break;
    }
}

engine::SinkKey Pseudonyms::hidden_sink(const engine::SinkKey &sink) { return hidden_name(sinks_, sink); }
OutputId Pseudonyms::hidden_output(const OutputId &output) { return hidden_name(outputs_, output); }

engine::Event Pseudonyms::hidden(engine::Event event) {
    learn(event);
    change_strings(event, [this](std::string &text, Meaning meaning) { hide(text, meaning); });
    return event;
}

engine::Effect Pseudonyms::hidden(engine::Effect effect) {
    change_strings(effect, [this](std::string &text, Meaning meaning) { hide(text, meaning); });
    return effect;
}

} // namespace soundwarden::trace
