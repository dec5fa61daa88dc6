// SPDX-License-Identifier: MIT
// Other names for what tells one device from every other: Bluetooth addresses and serial numbers. Pure; one thread.
//
// A pseudonym has the form of what it stands for: each digit becomes a digit, each letter a letter (of an address: a to f), and case
// and everything in between stay. It is drawn at random, once for each trace, so that nothing leads back. The same secret has the same
// pseudonym everywhere in the trace, in each of its forms ("AA:BB:…", "aa_bb_…"), so that the engine decides alike on what is hidden.
//
// What is hidden:
//  - Bluetooth addresses, wherever they stand.
//  - A card's `usb-serial` with 4 characters or more. Of a udev ID_SERIAL ("Vendor_Model_SERIAL": a USB sink's `bus-path`, or what stands
//    between "usb-" and "-00" in a node's name) that serial number at its end; where it is not known, the last part where that has a
//    digit, and every part of 8 characters with 4 digits. They are hidden within such an ID_SERIAL, and from 6 characters on in every
//    string, where the shipped policies do not have the word.
//  - Names of sinks and outputs that are told before the device is (remembered ones): they become "unknown_sink_1" and so on, as it is
//    not known yet what in them is a serial number. A KnownLine says what they mean once the device is there.
//
// A user's policy that names a part of an address or serial number by a wildcard no longer fits what it fitted; a replay shows that.
#pragma once

#include "engine/effect.hpp"
#include "engine/event.hpp"
#include "trace/line.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::trace {

enum class Meaning : std::uint8_t;

class Pseudonyms {
  public:
    /// Uniformly distributed numbers from a source that nobody can guess.
    using Random = std::function<std::uint32_t()>;

    explicit Pseudonyms(Random random);

    /// The event as it may be shown; learns what is secret in it first.
    engine::Event hidden(engine::Event event);
    engine::Effect hidden(engine::Effect effect);
    engine::SinkKey hidden_sink(const engine::SinkKey &sink);
    OutputId hidden_output(const OutputId &output);

    /// The engine has told of this output: what is secret in it is known.
    void know_output(const OutputId &output);
    /// What has become known since the last call under names that were given away before.
    std::vector<Alias> take_known();

  private:
    /// Names of one kind that stand in for others until those are known.
    struct Unknown {
        std::string_view prefix;
        std::set<std::string> known{};
        std::map<std::string, std::string> aliases{}; ///< of names that are not known
    };

    void learn(const engine::Event &event);
    void learn_policy(const policy::PolicySet &set);
    void learn_serial(std::string_view serial);
    void learn_id_serial(std::string_view id_serial);
    std::vector<std::pair<std::size_t, std::size_t>> secrets_in(std::string_view id_serial, const std::string &plain) const;
    void learn_id_serials_within(std::string_view text);
    void know(Unknown &names, const std::string &name);
    void hide(std::string &text, Meaning meaning);
    std::string hidden_name(Unknown &names, const std::string &name);
    std::string hidden_text(std::string_view text);
    std::string hidden_serial(std::string_view serial);
    /// What hidden text there is for what stands at `at`, the begin of a word; empty: nothing secret.
    std::string replaced_at(std::string_view text, std::size_t at, std::string_view plain);
    /// `letters`: how many of the alphabet a letter may become.
    const std::string &pseudonym_of(const std::string &plain, unsigned letters = 26);
    std::string draw(const std::string &like, unsigned letters);
    void replace_everywhere(const std::string &plain, const std::string &pseudonym);
    void replace_alone(const std::string &plain);

    Random random_;
    std::set<std::string> serials_;   ///< that cards were said to have
    std::map<std::string, std::string> secrets_; ///< -> pseudonym
    std::set<std::string> drawn_;
    /// By first word: what is replaced and by what, the longest first. All in plain form: lower case, "_" for what is no letter or digit.
    std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>> replaced_;
    Unknown sinks_{"unknown_sink_"};
    Unknown outputs_{"unknown_output_"};
    std::vector<Alias> now_known_;
};

} // namespace soundwarden::trace
