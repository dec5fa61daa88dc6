// SPDX-License-Identifier: MIT
// Everything about the dose in one exchange: the calls go out together, and their answers come one right after the other.
#pragma once

#include "bus/sdbus_compat.hpp"
#include "dose.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::cli {

/// Asks at construction; answered() once the connection's owner has dispatched all answers. On the connection's thread.
class DoseQuestion {
  public:
    /// `root`: proxy of the daemon's root object, which knows the outputs' names. Unix seconds, as in Dose.History.
    DoseQuestion(sdbus::IConnection &connection, sdbus::IProxy &root, std::int64_t hours_since_s, std::int64_t minutes_since_s);

    bool answered() const { return missing_ == 0; }
    /// The first error; no answer is whole then.
    const std::optional<sdbus::Error> &failed() const { return failed_; }
    /// The daemon is there and knows nothing of a dose: an older one.
    bool unknown_there() const;
    Dose take() { return std::move(dose_); }

  private:
    using Row = sdbus::Struct<std::int64_t, std::string, double, double, double, double>;
    using Properties = std::map<std::string, sdbus::Variant>;

    void ask_properties();
    void ask_history(const char *span, std::int64_t since_s, std::vector<DoseRow> Dose::*rows);
    void ask_names(sdbus::IProxy &root);
    void apply(const Properties &properties);
    template <class Body>
    void take_answer(const bus::CallError &error, Body &&body);

    std::unique_ptr<sdbus::IProxy> object_;
    Dose dose_;
    int missing_ = 4; ///< answers that have not come
    std::optional<sdbus::Error> failed_;
};

} // namespace soundwarden::cli
