// SPDX-License-Identifier: MIT
// Somebody on a private bus, in the same loop as the service that is tested.
#pragma once

#include "bus/names.hpp"
#include "bus/sdbus_compat.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <poll.h>
#include <string>

namespace soundwarden::test {

template <class Result>
struct Answer {
    std::optional<Result> value;
    std::string error{}; ///< its name
};

/// Somebody else on the bus, in the loop of the test.
class BusPeer {
  public:
    BusPeer(PollLoop &loop, const std::string &address) : loop_(loop), connection(bus::open_bus(bus::Bus::session, address)) {
        io_ = loop.watch(bus::poll_wish(*connection).descriptor, loop::Ready::in, [](loop::Ready) {});
        hook_ = loop.before_poll([this] { pump(); });
        wake_ = loop.timer([] {});
    }
    BusPeer(const BusPeer &) = delete;
    BusPeer &operator=(const BusPeer &) = delete;

    template <class Result, class... Arguments>
    Answer<Result> call(const std::string &path, const std::string &interface, const std::string &method, const Arguments &...arguments) {
        const auto proxy = sdbus::createProxy(*connection, bus::ServiceName{bus::service_name}, sdbus::ObjectPath{path});
        std::optional<Answer<Result>> answer;
        proxy->callMethodAsync(method).onInterface(interface).withArguments(arguments...).uponReplyInvoke(
            [&](bus::CallError error, const Result &value) {
                answer = error ? Answer<Result>{std::nullopt, std::string{error->getName()}} : Answer<Result>{value};
            });
        EXPECT_TRUE(loop_.run_until([&] { return answer.has_value(); }, scaled(patience))) << method;
        return answer.value_or(Answer<Result>{std::nullopt, "no answer"});
    }

    bool deaf = false; ///< takes no messages

  private:
    void pump() {
        if (deaf) return;
        try {
            while (bus::process_one(*connection)) wake_->arm(loop_.now()); // the test looks at it before the next sleep
            const bool writes = (bus::poll_wish(*connection).events & POLLOUT) != 0;
            io_->update(writes ? loop::Ready::in | loop::Ready::out : loop::Ready::in);
        } catch (const sdbus::Error &) { // its bus is gone
            io_.reset();
            deaf = true;
        }
    }

    PollLoop &loop_;

  public:
    std::unique_ptr<sdbus::IConnection> connection;

  private:
    std::unique_ptr<loop::Io> io_;
    std::unique_ptr<loop::Source> hook_;
    std::unique_ptr<loop::Timer> wake_;
};

} // namespace soundwarden::test
