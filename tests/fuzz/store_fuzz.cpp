// SPDX-License-Identifier: MIT
// A state database with any rows in its tables and, half of the times, any bytes of its file changed. Asserted: it opens or is set aside,
// what is read of it makes sense, and what is put into it is there again.
#include "host/store.hpp"
#include "sense_invariants.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <unistd.h>

namespace {

using namespace soundwarden;
namespace fs = std::filesystem;

constexpr std::int64_t now_ms = 1'800'000'000'000;

/// A directory in memory, for as long as the process lives.
class Place {
  public:
    Place() {
        char name[] = "/dev/shm/soundwarden-fuzz-XXXXXX";
        fuzz::require(mkdtemp(name) != nullptr, "there is a directory");
        directory_ = name;
        { const host::Store store{directory_ / "empty", [] { return now_ms; }}; }
        std::ifstream file{directory_ / "empty/state.db", std::ios::binary};
        empty_.assign(std::istreambuf_iterator<char>{file}, {});
    }
    ~Place() {
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
    }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    /// An empty database of its own; where it lies.
    fs::path begin() const {
        fs::remove_all(directory_ / "state");
        fs::create_directory(directory_ / "state");
        std::ofstream{directory_ / "state/state.db", std::ios::binary} << empty_;
        return directory_ / "state";
    }

  private:
    fs::path directory_;
    std::string empty_;
};

class Bytes {
  public:
    Bytes(const std::uint8_t *data, std::size_t size) : data_(data), size_(size) {}
    bool left() const { return at_ < size_; }
    std::uint8_t byte() { return at_ < size_ ? data_[at_++] : std::uint8_t{0}; }
    std::int64_t number() {
        switch (const auto kind = byte(); kind % 4) {
        case 0: return kind / 4;
        case 1: return 60 * (byte() + 256 * byte());
        case 2: return kind < 128 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
        default: return raw<std::int64_t>();
        }
    }
    double real() {
        switch (byte() % 3) {
        case 0: return static_cast<double>(number());
        case 1: return std::array{-0.0, 1e-320, 1e300, std::numeric_limits<double>::infinity(), 0.5}.at(byte() % 5);
        default: return raw<double>();
        }
    }
    std::string text() {
        static constexpr std::array words{"", "card_headphones", "ears", "speakers", "in-ear", "headphones", "unknown", "info", "edge", "user", "pattern"};
        const auto kind = byte();
        if (kind < 200) return words.at(kind % words.size());
        if (kind == 255) return std::string(17'000, 'x');
        std::string result(byte() % 32, '\0');
        for (char &letter : result) letter = static_cast<char>(byte());
        return result;
    }

  private:
    template <class T> T raw() {
        std::array<std::uint8_t, sizeof(T)> bytes{};
        for (auto &each : bytes) each = byte();
        T value;
        std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    const std::uint8_t *data_;
    std::size_t size_;
    std::size_t at_ = 0;
};

/// Columns: t text, i integer, r real; n and m the latter two, sometimes NULL.
struct Table {
    const char *name;
    const char *columns;
};
constexpr std::array tables{Table{"volumes", "ttr"}, Table{"marks", "ttr"}, Table{"left_alone", "t"}, Table{"mutes", "ti"}, Table{"panic", "ti"},
                            Table{"answers", "ttiimmmttnnnt"}, Table{"log", "iitttt"}, Table{"dose_minutes", "itrrrr"},
                            Table{"dose_hours", "itrrrr"}, Table{"told", "t"}};

void bind(sqlite3_stmt *row, int at, char kind, Bytes &bytes) {
    if ((kind == 'n' || kind == 'm') && bytes.byte() % 2 == 0) {
        sqlite3_bind_null(row, at);
    } else if (kind == 't') {
        const std::string text = bytes.text();
        sqlite3_bind_text(row, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
    } else if (kind == 'i' || kind == 'n') {
        sqlite3_bind_int64(row, at, bytes.number());
    } else {
        sqlite3_bind_double(row, at, bytes.real());
    }
}

void fill(const fs::path &file, Bytes &bytes) {
    sqlite3 *database = nullptr;
    fuzz::require(sqlite3_open(file.c_str(), &database) == SQLITE_OK, "the empty database opens");
    sqlite3_exec(database, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON; BEGIN", nullptr, nullptr, nullptr);
    for (int rows = bytes.byte() % 16; rows > 0 && bytes.left(); --rows) {
        const Table &table = tables.at(bytes.byte() % tables.size());
        std::string insert = std::string("INSERT OR REPLACE INTO ") + table.name + " VALUES(?";
        for (std::size_t i = 1; i < std::strlen(table.columns); ++i) insert += ",?";
        sqlite3_stmt *row = nullptr;
        fuzz::require(sqlite3_prepare_v2(database, (insert + ")").c_str(), -1, &row, nullptr) == SQLITE_OK, "the tables are as this target knows them");
        for (int i = 0; table.columns[i] != '\0'; ++i) bind(row, i + 1, table.columns[i], bytes);
        sqlite3_step(row); // a row that cannot be is none
        sqlite3_finalize(row);
    }
    sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
    sqlite3_close(database);
}

void damage(const fs::path &file, Bytes &bytes) {
    std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
    const auto size = static_cast<std::int64_t>(fs::file_size(file));
    for (int changes = bytes.byte() % 8; changes > 0 && bytes.left(); --changes) {
        stream.seekp((bytes.byte() + 256 * (bytes.byte() + 256 * bytes.byte())) % size);
        stream.put(static_cast<char>(bytes.byte()));
    }
}

void require_sensible(const host::Store &store) {
    const engine::Remembered all = store.load();
    for (const auto &volume : all.volumes)
        fuzz::require(!volume.output.empty() && std::isfinite(volume.volume) && volume.volume >= 0 && volume.volume <= 1e6, "a volume makes sense");
    for (const auto &mark : all.marks) fuzz::require(!mark.sink.empty() && std::isfinite(mark.volume) && mark.volume >= 0 && mark.volume <= 1e6, "a mark makes sense");
    for (const auto &answer : all.answers) {
        fuzz::require(!answer.output.empty() && answer.age >= Duration{0}, "an answer makes sense");
        const auto &facts = answer.answer.facts;
        fuzz::require(!facts.impedance || (std::isfinite(facts.impedance->value) && facts.impedance->value > 0), "an impedance too");
        fuzz::require(!facts.sensitivity || std::isfinite(facts.sensitivity->value), "a sensitivity too");
    }
    for (const auto &row : store.dose())
        fuzz::require(row.start_s >= 0 && row.start_s % dose::seconds_of(row.span) == 0 && !row.output.empty(), "a dose makes sense");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const Place place;
    Bytes bytes{data, size};
    const fs::path directory = place.begin();
    const bool damaged = bytes.byte() % 2 == 1;
    fill(directory / "state.db", bytes);
    if (damaged) damage(directory / "state.db", bytes);
    {
        host::Store store{directory, [] { return now_ms; }};
        require_sensible(store);
        store.read_log({});
        store.put_volume("fuzz_output", LoadClass::ears, 0.125);
        store.log({0, 0, "info", "fuzz", "fuzz_output", "text"});
        // Damage may come to light only at a write; what is set aside then makes room for a database that works.
        const bool written = store.flush() || (damaged && store.flush());
        fuzz::require(written && store.trouble().sentence.empty(), damaged ? "it is written in spite of damage" : "it is written");
    }
    const host::Store again{directory, [] { return now_ms; }};
    fuzz::require(damaged || again.notice().empty(), "what one run wrote the next one reads");
    require_sensible(again);
    const auto volumes = again.load().volumes;
    fuzz::require(std::any_of(volumes.begin(), volumes.end(), [](const auto &each) { return each.output == "fuzz_output" && each.volume == 0.125; }),
                  "what was put is there again");
    return 0;
}
