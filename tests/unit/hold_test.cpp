// SPDX-License-Identifier: MIT
// soundwarden-hold's keeper over cards as the kernel keeps them: locks belong to an open file, others are refused with EPERM.
#include "hold/keeper.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <limits>
#include <map>

namespace soundwarden::hold {
namespace {

using namespace std::chrono_literals;

/// One card. Scales: `step` dB each, 0 dB at the maximum; the minimum may be mute.
struct FakeCard {
    struct Control {
        Element element;
        std::vector<std::int64_t> values;
        std::optional<double> step = 1.0;
        bool mute_at_minimum = false;
        int holder = 0; ///< 0: nobody; 1: ours; 2: another program
        int write_error = 0;
    };
    CardNames names{"PCH", "HDA Intel PCH", "HDA-Intel"};
    std::map<std::uint32_t, Control> controls;
    std::deque<MixerEvent> events;
    std::vector<std::string> history; ///< "lock 1", "write 1 35", …
    bool gone = false;
    int open_error = 0;

    Control &add(std::uint32_t number, const std::string &name, std::vector<std::int64_t> values, std::int64_t maximum = 60) {
        const auto channels = static_cast<std::uint32_t>(values.size());
        return controls[number] = {{number, name, 0, 0, maximum, channels, true}, std::move(values)};
    }
    /// By another program. Whether the kernel let it.
    bool foreign_write(std::uint32_t number, std::vector<std::int64_t> values) {
        Control &control = controls.at(number);
        if (control.holder == 1) return false;
        control.values = std::move(values);
        events.push_back({number, true, false});
        return true;
    }
    void driver_write(std::uint32_t number, std::vector<std::int64_t> values) {
        controls.at(number).values = std::move(values);
        events.push_back({number, true, false});
    }
};

class FakeMixer final : public Mixer {
  public:
    explicit FakeMixer(FakeCard &card) : card_(card) {}
    ~FakeMixer() override {
        for (auto &[number, control] : card_.controls)
            if (control.holder == 1) control.holder = 0;
    }
    int descriptor() const override { return 99; }
    Reply<CardNames> card() override { return reply(card_.names); }
    Reply<std::vector<Element>> elements() override {
        std::vector<Element> list;
        for (const auto &[number, control] : card_.controls) list.push_back(control.element);
        return reply(std::move(list));
    }
    Reply<std::vector<std::int64_t>> read(const Element &element) override { return reply(card_.controls.at(element.number).values); }
    int write(const Element &element, const std::vector<std::int64_t> &values) override {
        FakeCard::Control &control = card_.controls.at(element.number);
        if (control.holder == 2) return EPERM;
        card_.history.push_back("write " + std::to_string(element.number) + " " + std::to_string(values.front()));
        if (control.write_error != 0) return control.write_error;
        control.values = values;
        return 0;
    }
    int lock(const Element &element) override {
        int &holder = card_.controls.at(element.number).holder;
        if (holder == 2) return EBUSY;
        if (holder == 0) card_.history.push_back("lock " + std::to_string(element.number));
        holder = 1;
        return 0;
    }
    int unlock(const Element &element) override {
        card_.controls.at(element.number).holder = 0;
        card_.history.push_back("unlock " + std::to_string(element.number));
        return 0;
    }
    std::optional<Decibels> level(const Element &element, std::int64_t value) override {
        const FakeCard::Control &control = card_.controls.at(element.number);
        if (!control.step) return std::nullopt;
        if (control.mute_at_minimum && value == element.minimum) return Decibels{-std::numeric_limits<double>::infinity()};
        return Decibels{static_cast<double>(value - element.maximum) * *control.step};
    }
    std::optional<std::int64_t> at_most(const Element &element, Decibels wanted) override {
        if (!level(element, element.minimum)) return std::nullopt;
        std::int64_t value = element.maximum;
        while (value > element.minimum && *level(element, value) > wanted) --value;
        return value;
    }
    Reply<MixerEvent> next() override {
        if (card_.gone) return Reply<MixerEvent>::failed(ENODEV);
        if (card_.events.empty()) return Reply<MixerEvent>::failed(EAGAIN);
        const MixerEvent event = card_.events.front();
        card_.events.pop_front();
        return reply(event);
    }

  private:
    FakeCard &card_;
};

class HoldTest : public testing::Test {
  protected:
    std::map<std::uint32_t, FakeCard> cards;
    std::vector<std::string> said;
    Time now{1h};
    Keeper keeper{[this](std::uint32_t number) {
                      const auto found = cards.find(number);
                      if (found == cards.end()) return Reply<std::unique_ptr<Mixer>>::failed(ENOENT);
                      if (found->second.open_error != 0) return Reply<std::unique_ptr<Mixer>>::failed(found->second.open_error);
                      return reply<std::unique_ptr<Mixer>>(std::make_unique<FakeMixer>(found->second));
                  },
                  [this](Level level, const std::string &text) { said.push_back((level == Level::error ? "error: " : level == Level::warning ? "warning: " : "") + text); }};

    void configure(const std::string &text) {
        auto loaded = policy::read_hold({"hold.toml", policy::Layer::etc, text});
        for (const auto &each : loaded.diagnostics) ADD_FAILURE() << policy::text_of(each);
        keeper.configure(loaded.hold.value_or(policy::Hold{}), now);
    }
    void plug(std::uint32_t number) { keeper.arrived(number, now); }
    bool was_said(const std::string &part) const {
        return std::any_of(said.begin(), said.end(), [&](const std::string &line) { return line.find(part) != std::string::npos; });
    }
};

TEST_F(HoldTest, locked_first_then_lowered_to_the_cap) {
    cards[0].add(1, "PCM Playback Volume", {60, 55});
    plug(0);
    EXPECT_EQ(cards[0].controls[1].values, (std::vector<std::int64_t>{40, 40}));
    EXPECT_EQ(cards[0].history, (std::vector<std::string>{"lock 1", "write 1 40"}));
    EXPECT_FALSE(cards[0].foreign_write(1, {60, 60}));
    EXPECT_EQ(keeper.summary(), "1 volume on 1 card held");
    EXPECT_FALSE(keeper.deadline()) << "in rest nothing is waited for";
}

TEST_F(HoldTest, never_raised) {
    cards[0].add(1, "PCM Playback Volume", {10, 50});
    plug(0);
    EXPECT_EQ(cards[0].controls[1].values, (std::vector<std::int64_t>{10, 40}));
    configure("schema = 1\ncap = \"-10 dB\"\n");
    EXPECT_EQ(cards[0].controls[1].values, (std::vector<std::int64_t>{10, 40}));
    configure("schema = 1\ncap = \"-30 dB\"\n");
    EXPECT_EQ(cards[0].controls[1].values, (std::vector<std::int64_t>{10, 30}));
}

TEST_F(HoldTest, a_master_carries_the_cap_and_the_others_do_not_amplify) {
    FakeCard &card = cards[0];
    card.add(1, "Master Playback Volume", {60});
    card.add(2, "Headphone Playback Volume", {58, 58});
    card.add(3, "Capture Volume", {60, 60});
    card.add(4, "Mic Boost Volume", {60});
    plug(0);
    EXPECT_EQ(card.controls[1].values.front(), 40);
    EXPECT_EQ(card.controls[2].values.front(), 58);
    EXPECT_EQ(card.controls[2].holder, 1);
    EXPECT_EQ(card.controls[3].holder, 0) << "what is recorded is nobody's danger";
    EXPECT_EQ(card.controls[4].holder, 0);
}

TEST_F(HoldTest, a_master_by_its_shorter_name) {
    cards[0].add(1, "Master Volume", {60});
    cards[0].add(2, "Line Volume", {50});
    plug(0);
    EXPECT_EQ(cards[0].controls[1].values.front(), 40);
    EXPECT_EQ(cards[0].controls[2].values.front(), 50);
}

TEST_F(HoldTest, named_elements_carry_the_cap) {
    FakeCard &card = cards[0];
    card.add(1, "Master Playback Volume", {60});
    card.add(2, "Headphone Playback Volume", {60, 60});
    configure("schema = 1\n[[card]]\nmatch = \"hda-intel\"\nelements = \"Headphone*\"\ncap = \"-12.5 dB\"\n");
    plug(0);
    EXPECT_EQ(card.controls[1].values.front(), 60);
    EXPECT_EQ(card.controls[2].values.front(), 47) << "rounded down";
}

TEST_F(HoldTest, switches_and_unknown_names_are_nobodys) {
    EXPECT_TRUE(is_playback_volume("Headset Playback Volume"));
    EXPECT_TRUE(is_playback_volume("Speaker Digital Volume"));
    EXPECT_FALSE(is_playback_volume("Headphone Playback Switch"));
    EXPECT_FALSE(is_playback_volume("Digital Capture Volume"));
    EXPECT_FALSE(is_playback_volume("Internal Mic Boost Volume"));
    EXPECT_FALSE(is_playback_volume("ADC1 Volume"));
}

TEST_F(HoldTest, without_a_scale_it_stays_where_it_stands_or_lower_as_configured) {
    cards[0].add(1, "PCM Playback Volume", {50, 20}, 100).step.reset();
    plug(0);
    EXPECT_EQ(cards[0].controls[1].values, (std::vector<std::int64_t>{50, 20}));
    EXPECT_EQ(cards[0].controls[1].holder, 1);
    EXPECT_TRUE(was_said("no scale in dB"));
    configure("schema = 1\nwithout-db = \"30 %\"\n");
    EXPECT_EQ(cards[0].controls[1].values, (std::vector<std::int64_t>{30, 20}));
    // Its driver puts it up, and elements change: the bound is not what stands there now.
    cards[0].controls[1].values = {90, 90};
    cards[0].events.push_back({1, false, true});
    keeper.heed(0, now);
    EXPECT_EQ(cards[0].controls[1].values, (std::vector<std::int64_t>{30, 30}));
}

TEST_F(HoldTest, a_scale_that_does_not_reach_down_is_told) {
    cards[0].add(1, "PCM Playback Volume", {10}, 10);
    plug(0);
    EXPECT_EQ(cards[0].controls[1].values.front(), 0);
    EXPECT_TRUE(was_said("warning: PCH (HDA Intel PCH): \"PCM Playback Volume\" locked at 0 (-10.0 dB); that is its lowest, and above what is wanted"));
}

TEST_F(HoldTest, what_its_driver_raises_is_lowered_again_but_not_for_ever_at_once) {
    cards[0].add(1, "PCM Playback Volume", {60});
    plug(0);
    cards[0].driver_write(1, {55});
    keeper.heed(0, now);
    EXPECT_EQ(cards[0].controls[1].values.front(), 40);
    for (int n = 0; n < 20; ++n) {
        cards[0].driver_write(1, {55});
        keeper.heed(0, now);
    }
    EXPECT_EQ(std::count(cards[0].history.begin(), cards[0].history.end(), "write 1 40"), 11);
    ASSERT_TRUE(keeper.deadline());
    now = *keeper.deadline();
    keeper.tend(now);
    EXPECT_EQ(cards[0].controls[1].values.front(), 40);
}

TEST_F(HoldTest, a_lock_that_another_program_has_is_told_once_and_taken_when_it_goes) {
    cards[0].add(1, "PCM Playback Volume", {60}).holder = 2;
    plug(0);
    EXPECT_TRUE(was_said("error: PCH (HDA Intel PCH): \"PCM Playback Volume\" is not held: another program has locked it"));
    EXPECT_EQ(keeper.summary(), "0 volumes on 1 card held, 1 not");
    const std::size_t lines = said.size();
    now = *keeper.deadline();
    keeper.tend(now);
    EXPECT_EQ(said.size(), lines);
    cards[0].controls[1].holder = 0;
    now = *keeper.deadline();
    keeper.tend(now);
    EXPECT_EQ(cards[0].controls[1].values.front(), 40);
    EXPECT_EQ(cards[0].controls[1].holder, 1);
    EXPECT_FALSE(keeper.deadline());
}

TEST_F(HoldTest, a_card_is_opened_once_its_node_may_be) {
    cards[1].add(1, "PCM Playback Volume", {60});
    cards[1].open_error = EACCES;
    plug(1);
    EXPECT_TRUE(was_said("card 1 cannot be held"));
    ASSERT_TRUE(keeper.deadline());
    cards[1].open_error = 0;
    plug(1); // udev has given the node its group
    EXPECT_EQ(cards[1].controls[1].values.front(), 40);
    EXPECT_FALSE(keeper.deadline());
}

TEST_F(HoldTest, a_card_that_went_and_another_of_the_same_number) {
    cards[1].add(1, "PCM Playback Volume", {60});
    plug(1);
    cards[1].gone = true;
    cards[1].open_error = ENODEV;
    keeper.heed(1, now);
    EXPECT_TRUE(keeper.descriptors().empty());
    cards.erase(1);
    cards[1].names = {"Headset", "USB Headset", "USB-Audio"};
    cards[1].add(7, "Headset Playback Volume", {60});
    plug(1);
    EXPECT_EQ(cards[1].controls[7].values.front(), 40);
}

TEST_F(HoldTest, an_element_that_comes_later_is_held_too) {
    cards[0].add(1, "PCM Playback Volume", {30});
    plug(0);
    cards[0].add(2, "Headphone Playback Volume", {60});
    cards[0].events.push_back({2, false, true});
    keeper.heed(0, now);
    EXPECT_EQ(cards[0].controls[2].values.front(), 40);
    EXPECT_EQ(cards[0].controls[2].holder, 1);
}

TEST_F(HoldTest, a_card_left_alone_is_unlocked_and_keeps_its_volumes) {
    cards[0].add(1, "PCM Playback Volume", {60});
    plug(0);
    configure("schema = 1\n[[card]]\nmatch = \"PCH\"\nhold = false\n");
    EXPECT_EQ(cards[0].controls[1].holder, 0);
    EXPECT_EQ(cards[0].controls[1].values.front(), 40);
}

std::string errors_of(const std::string &text) {
    const auto loaded = policy::read_hold({"hold.toml", policy::Layer::etc, text});
    EXPECT_FALSE(loaded.hold) << text;
    std::string out;
    for (const auto &each : loaded.diagnostics) out += policy::text_of(each);
    return out;
}

TEST(HoldConfig, errors_name_file_line_and_column) {
    EXPECT_NE(errors_of("schema = 1\ncap = -20\n").find("hold.toml:2:7: error: \"cap\" needs a unit; write it like"), std::string::npos);
    EXPECT_NE(errors_of("schema = 1\ncap = \"+3 dB\"\n").find("hold.toml:2:7: error: \"cap\" must be from"), std::string::npos);
    EXPECT_NE(errors_of("cap = \"-20 dB\"\n").find("hold.toml:1:1: error: this file has no schema"), std::string::npos);
    EXPECT_NE(errors_of("schema = 1\n[card]\nmatch = \"*\"\n").find("write [[card]]"), std::string::npos);
    EXPECT_NE(errors_of("schema = 1\n[[card]]\ncap = \"-3 dB\"\n").find("has no \"match\""), std::string::npos);
    EXPECT_NE(errors_of("schema = 1\n[[card]]\nmatch = \"*\"\nhold = \"no\"\n").find("hold.toml:4:8: error"), std::string::npos);
    EXPECT_NE(errors_of("schema = 1\nsealing = 3\n").find("unknown key"), std::string::npos);
    EXPECT_NE(errors_of("schema = 1\ncap = \"-20 dB\n").find("hold.toml:2:"), std::string::npos);
}

TEST(HoldConfig, a_card_has_from_the_top_what_it_does_not_say) {
    const auto loaded = policy::read_hold({"hold.toml", policy::Layer::etc,
                                           "schema = 1\ncap = \"-15 dB\"\nwithout-db = \"40 %\"\n[[card]]\nmatch = \"*Scarlett*\"\ncap = \"-30 dB\"\n"
                                           "[[card]]\nmatch = \"*\"\nhold = false\n"});
    ASSERT_TRUE(loaded.hold);
    const auto &scarlett = loaded.hold->bounds_of({"USB", "Scarlett 2i2 USB", "USB-Audio"});
    EXPECT_EQ(scarlett.cap.value, -30.0);
    EXPECT_EQ(scarlett.without_db, 40.0);
    EXPECT_TRUE(scarlett.hold);
    EXPECT_FALSE(loaded.hold->bounds_of({"PCH"}).hold);
}

TEST(HoldConfig, an_empty_file_is_the_built_in_bounds) {
    const auto loaded = policy::read_hold({"hold.toml", policy::Layer::etc, "# nothing\n"});
    ASSERT_TRUE(loaded.hold);
    EXPECT_EQ(*loaded.hold, policy::Hold{});
    EXPECT_EQ(loaded.hold->bounds_of({"PCH"}).cap.value, -20.0);
}

} // namespace
} // namespace soundwarden::hold
