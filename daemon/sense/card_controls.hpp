// SPDX-License-Identifier: MIT
// The controls of one card that tell what is plugged in, kept up to date from its events. (reference: sensing.md §1.1, §2)
#pragma once

#include "model/card.hpp"
#include "names.hpp"
#include "ports.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace soundwarden::sense {

/// What is known of a card's controls. A control that lies about its type or count, gives an error or has vanished is "not known";
/// no control's error is another's.
class CardControls {
  public:
    /// Events that one call of heed() takes at most, so that a driver in a frenzy does not stop the loop. The rest wakes it again.
    static constexpr std::size_t most_events = 256;
    /// Controls that are kept at most; a real card has some dozens that matter.
    static constexpr std::size_t most_controls = 1024;

    /// Lists and reads all that matters.
    explicit CardControls(std::unique_ptr<ControlPort> port);

    int descriptor() const { return port_->descriptor(); }
    const ControlCard &card() const { return card_; }

    /// An errno, when nothing more is to be had of them: ENODEV where the card has gone.
    int error() const { return error_; }
    /// Takes the events that wait, and reads each control that they name once. Impedances tell no events; they are read again with
    /// each edge of a jack (sensing.md §2: computed before the jack is told, 0 after it is pulled out).
    void heed();

    /// Fills jacks, ELDs, impedances, mode, declared output, side paths, and troubles of "controls".
    void add_to(CardFacts &facts) const;

  private:
    enum class Role : std::uint8_t { jack, eld, left_impedance, right_impedance, selected_mode, declared_output, side_path };
    struct Control {
        ControlId id;
        Role role = Role::jack;
        ControlInfo info{};
        Jack jack{};
        Eld eld{};
        SidePath side_path{};
        SidePathPart part = SidePathPart::choice; ///< of the side path
        std::optional<Ohms> impedance{};
        std::string item{};
    };
    struct Changes {
        std::set<std::uint32_t> described; ///< type and count have to be asked for
        std::set<std::uint32_t> valued;
    };

    static std::optional<Control> of_interest(const ControlId &id);
    void list();
    bool keep(const ControlId &id);
    void note(const ControlEvent &event, Changes &changes);
    void apply(const Changes &changes);
    void describe(Control &control);
    void read(Control &control);
    std::optional<bool> read_jack(const Control &control);
    std::optional<Ohms> read_impedance(const Control &control);
    bool read_on(const Control &control);
    std::string read_item(const Control &control);
    void read_eld(Control &control);
    bool has_switch_of_its_own(const Control &volume) const;
    void failed(const Control &control, int error);
    void drop_vanished();

    std::unique_ptr<ControlPort> port_;
    ControlCard card_;
    int error_ = 0;
    std::map<std::uint32_t, Control> controls_; ///< by number
    std::set<std::uint32_t> vanished_;          ///< read as not there; the event that says so is on its way
    int list_error_ = 0;
    bool too_many_ = false;
};

} // namespace soundwarden::sense
