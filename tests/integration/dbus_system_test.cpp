// SPDX-License-Identifier: MIT
// On the system bus everybody may ask, and polkit says who may change something: with a bus and a polkit of the test's own.
#include "bus_test.hpp"

#include "bus/caller.hpp"

#include <condition_variable>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

namespace soundwarden {
namespace {

/// org.freedesktop.PolicyKit1 as far as it is asked here.
class FakePolkit {
  public:
    enum class Says { yes, no, challenge, nothing_yet };
    struct Question {
        std::string caller, action;
        std::uint32_t flags = 0;
    };

    explicit FakePolkit(const std::string &address)
        : connection_(bus::open_bus(bus::Bus::session, address)),
          object_(sdbus::createObject(*connection_, sdbus::ObjectPath{"/org/freedesktop/PolicyKit1/Authority"})) {
        const auto check = [this](sdbus::Result<Answer> &&result, Subject subject, std::string action, std::map<std::string, std::string>,
                                  std::uint32_t flags, std::string) { take(std::move(result), subject, action, flags); };
#if SOUNDWARDEN_SDBUS_2
        object_->addVTable(sdbus::registerMethod("CheckAuthorization").implementedAs(check)).forInterface("org.freedesktop.PolicyKit1.Authority");
#else
        object_->registerMethod("CheckAuthorization").onInterface("org.freedesktop.PolicyKit1.Authority").implementedAs(check);
        object_->finishRegistration();
#endif
        connection_->requestName(bus::ServiceName{"org.freedesktop.PolicyKit1"});
        connection_->enterEventLoopAsync();
    }
    ~FakePolkit() {
        connection_->leaveEventLoop();
        held_.reset();
        object_.reset();
    }
    FakePolkit(const FakePolkit &) = delete;
    FakePolkit &operator=(const FakePolkit &) = delete;

    void says(Says what) {
        const std::lock_guard lock{mutex_};
        says_ = what;
    }
    std::vector<Question> questions() {
        const std::lock_guard lock{mutex_};
        return questions_;
    }
    Question last() {
        const auto all = questions();
        return all.empty() ? Question{} : all.back();
    }
    /// Waits until somebody was asked for.
    bool held() {
        std::unique_lock lock{mutex_};
        return asked_.wait_for(lock, test::scaled(test::patience), [&] { return held_.has_value(); });
    }
    void answer_held(bool yes) {
        const std::lock_guard lock{mutex_};
        held_->returnResults(Answer{yes, false, {}});
        held_.reset();
    }

  private:
    using Answer = sdbus::Struct<bool, bool, std::map<std::string, std::string>>;
    using Subject = sdbus::Struct<std::string, std::map<std::string, sdbus::Variant>>;

    void take(sdbus::Result<Answer> &&result, const Subject &subject, const std::string &action, std::uint32_t flags) {
        const std::lock_guard lock{mutex_};
        EXPECT_EQ(std::get<0>(subject), "system-bus-name");
        questions_.push_back({std::get<1>(subject).at("name").get<std::string>(), action, flags});
        if (says_ == Says::nothing_yet) held_.emplace(std::move(result));
        else result.returnResults(Answer{says_ == Says::yes, says_ == Says::challenge, {}});
        asked_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable asked_;
    Says says_ = Says::yes;
    std::vector<Question> questions_;
    std::optional<sdbus::Result<Answer>> held_;
    std::unique_ptr<sdbus::IConnection> connection_;
    std::unique_ptr<sdbus::IObject> object_;
};

class SystemBus : public BusTest {
  protected:
    /// No session bus at all.
    Environment here() const { return {{"DBUS_SYSTEM_BUS_ADDRESS", bus.address()}, {"DBUS_SESSION_BUS_ADDRESS", "unix:path=/invalid"}}; }
    std::unique_ptr<Process> system_daemon() { return daemon("started: ok", {"--system"}, here()); }
    Result system_cli(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "--system");
        return cli(arguments, here());
    }
};

TEST_F(SystemBus, EverybodyMayAsk) {
    const auto served = system_daemon();
    FakePolkit polkit{bus.address()};
    for (const std::vector<std::string> &reading : {std::vector<std::string>{"status"}, {"show", "headph"}, {"explain", "headph"}, {"doctor"}, {"graph"}, {"log"}})
        EXPECT_EQ(system_cli(reading).exit_code, 0) << reading.front();
    EXPECT_TRUE(polkit.questions().empty());
    EXPECT_EQ(cli({"status"}, here()).exit_code, 3) << "without --system it is not found there";
}

TEST_F(SystemBus, WhoChangesSomethingIsAskedForByWhatItIs) {
    const auto served = system_daemon();
    FakePolkit polkit{bus.address()};
    const std::vector<std::pair<std::vector<std::string>, std::string>> verbs{
        {{"answer", "headph", "headphones"}, "answer"},
        {{"forget", "headph"}, "answer"},
        {{"forget", "--all"}, "answer"},
        {{"override", "headph", "--ceiling", "-6", "--for", "1h"}, "override"},
        {{"override", "headph", "--cancel"}, "override"},
        {{"panic"}, "panic"},
        {{"resume"}, "panic"},
        {{"guard", "headph", "off"}, "release"},
        {{"release"}, "release"},
        {{"release", "headph"}, "release"},
    };
    std::ifstream file(SOUNDWARDEN_POLKIT_ACTIONS);
    const std::string shipped{std::istreambuf_iterator<char>(file), {}};
    // polkit answers nobody but root and an action's owner about other people (the real one: tests/system/guest/machine-wide.sh).
    const auto count = [&](const std::string &text) {
        std::size_t found = 0;
        for (auto at = shipped.find(text); at != std::string::npos; at = shipped.find(text, at + 1)) ++found;
        return found;
    };
    EXPECT_EQ(count("org.freedesktop.policykit.owner\">unix-user:@SYSTEM_USER@<"), count("<action id="));
    for (const auto &[arguments, action] : verbs) {
        const auto before = polkit.questions().size();
        polkit.says(FakePolkit::Says::yes);
        EXPECT_EQ(system_cli(arguments).exit_code, 0) << testing::PrintToString(arguments);
        EXPECT_TRUE(served->read_until("asked: ")) << testing::PrintToString(arguments);
        EXPECT_EQ(polkit.questions().size(), before + 1) << testing::PrintToString(arguments);
        EXPECT_EQ(polkit.last().action, "org.soundwarden.SoundWarden1." + action);
        EXPECT_NE(shipped.find("<action id=\"" + polkit.last().action + "\">"), std::string::npos) << "polkit knows it";
        EXPECT_EQ(polkit.last().flags, 1U) << "the command lets polkit ask for a password";
        EXPECT_EQ(polkit.last().caller.front(), ':') << "a unique name, which nobody else has";
        polkit.says(FakePolkit::Says::no);
        const auto refused = system_cli(arguments);
        EXPECT_EQ(refused.exit_code, 5) << testing::PrintToString(arguments);
        EXPECT_NE(refused.err.find("org.soundwarden.SoundWarden1." + action), std::string::npos) << refused.err;
    }
    // Nothing of what was refused reached it.
    tell(*served, "posture strict");
}

TEST_F(SystemBus, WhatIsRefusedIsNotDone) {
    const auto served = system_daemon();
    {
        FakePolkit polkit{bus.address()};
        polkit.says(FakePolkit::Says::no);
        EXPECT_EQ(system_cli({"panic"}).exit_code, 5);
        polkit.says(FakePolkit::Says::challenge);
        const auto challenge = system_cli({"panic"});
        EXPECT_EQ(challenge.exit_code, 5);
        EXPECT_NE(challenge.err.find("password"), std::string::npos) << challenge.err;
    }
    const auto away = system_cli({"panic"});
    EXPECT_EQ(away.exit_code, 5);
    EXPECT_NE(away.err.find("polkit could not be asked"), std::string::npos) << away.err;
    EXPECT_EQ(tell(*served, "posture protect"), "") << "it was asked for nothing";
}

TEST_F(SystemBus, ACallThatPermitsNoQuestionAsksNone) {
    const auto served = system_daemon();
    FakePolkit polkit{bus.address()};
    const auto connection = connect();
    proxy(*connection, bus::root_path)->callMethod("Panic").onInterface(bus::manager_interface);
    EXPECT_EQ(polkit.last().flags, 0U);
    const auto asking = proxy(*connection, bus::root_path);
    bus::allow_interaction(*asking);
    asking->callMethod("Resume").onInterface(bus::manager_interface);
    EXPECT_EQ(polkit.last().flags, 1U);
}

TEST_F(SystemBus, WhileSomebodyLooksForAPasswordOthersAreServed) {
    const auto served = system_daemon();
    FakePolkit polkit{bus.address()};
    polkit.says(FakePolkit::Says::nothing_yet);
    auto environment = bus.environment();
    for (const auto &[name, value] : here()) environment[name] = value;
    Process waiting{command({"--system", "--timeout", "0.2", "answer", "headph", "headphones"}), environment};
    ASSERT_TRUE(polkit.held());
    EXPECT_EQ(system_cli({"status"}).exit_code, 0);
    EXPECT_FALSE(waiting.wait(milliseconds{1000})) << "it is not given up while a password is typed";
    polkit.answer_held(true);
    EXPECT_EQ(waiting.wait(), 0) << waiting.stderr_text();
    EXPECT_TRUE(served->read_until(std::string{"asked: answer "} + test::laptop_headphones));
    // And one whose caller has gone meanwhile.
    {
        Process leaving{command({"--system", "panic"}), environment};
        ASSERT_TRUE(polkit.held());
    }
    polkit.answer_held(true);
    EXPECT_EQ(system_cli({"status"}).exit_code, 0);
}

TEST_F(SystemBus, NonsenseIsRefusedBeforeAnybodyIsAsked) {
    const auto served = system_daemon();
    FakePolkit polkit{bus.address()};
    const auto connection = connect();
    const auto output = proxy(*connection, headphones_path);
    try {
        output->callMethod("Override").onInterface(bus::output_interface).withArguments(3.0, std::uint32_t{60});
        ADD_FAILURE() << "it was taken";
    } catch (const sdbus::Error &error) {
        EXPECT_EQ(std::string{error.getName()}, bus::error::invalid_argument);
    }
    EXPECT_TRUE(polkit.questions().empty());
}

} // namespace
} // namespace soundwarden
