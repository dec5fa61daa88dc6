// SPDX-License-Identifier: MIT
// Whether a USB serial number is one. Pure; any thread; throws nothing but std::bad_alloc.
#pragma once

#include <string_view>

namespace soundwarden::sense {

/// Whether a device's iSerial tells it from others of its kind, so that an output may be known by it instead of by the place where it is
/// plugged in (reference/sensing.md §6.4). `vendor`, `product`: what it is called otherwise: a name or an id; may be empty.
///
/// A serial number that is not one would let two devices share what people answered for one of them, so doubt counts against it. It is none
/// if, without blanks, punctuation and case, it
/// - has fewer than four letters and digits, or more than 126 characters, or any that is not printable ASCII;
/// - says that there is none ("N/A", "none", "default", "to be filled by O.E.M.");
/// - is the vendor's or product's name or id, both of them, or a part of the product's name;
/// - is weak: one character over and over, a short pattern over and over ("ABABAB"), letters or digits that count up or down ("0123456789",
///   "123456789ABCDEF", "FEDCBA"), or fewer than three characters after leading zeros ("000000000001": factories that number begin there,
///   but chips that are never numbered stay there);
/// - is a date ("20190808", "2017-01-11"), which is the firmware's;
/// - is one of these words, names or dates with something weak or nothing behind it ("SN0001", "201701110001").
bool tells_apart(std::string_view serial, std::string_view vendor, std::string_view product);

} // namespace soundwarden::sense
