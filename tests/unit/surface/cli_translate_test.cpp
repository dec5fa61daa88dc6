// SPDX-License-Identifier: MIT
// Messages with places, and English where nothing is translated.
#include "translate.hpp"

#include <gtest/gtest.h>

namespace soundwarden::cli {
namespace {

TEST(Translate, PlacesAreFilledInTheOrderOfThePattern) {
    EXPECT_EQ(filled("{0} of {1}", "a", 2), "a of 2");
    EXPECT_EQ(filled("{1}, {0}, {1}", "a", "b"), "b, a, b");
}

TEST(Translate, WhatStandsInAPartIsNoPlace) {
    EXPECT_EQ(filled("{0} {1}", "{1}", "{0}"), "{1} {0}");
}

TEST(Translate, PlacesWithoutAPartAndOtherBracesStay) {
    EXPECT_EQ(filled("{2} {x} { {0", "a"), "{2} {x} { {0");
    EXPECT_EQ(filled("", "a"), "");
}

TEST(Translate, WithoutACatalogEverythingIsEnglish) {
    EXPECT_EQ(tr("nothing plays"), "nothing plays");
    EXPECT_EQ(tr(""), "") << "not the catalog's header";
    EXPECT_EQ(word("load", "headphones"), "headphones");
    EXPECT_EQ(word("load", "brand-new"), "brand-new");
    EXPECT_EQ(word("load", ""), "");
    EXPECT_EQ(trn("{0} fault", "{0} faults", 1), "1 fault");
    EXPECT_EQ(trn("{0} fault", "{0} faults", 0), "0 faults");
    EXPECT_EQ(trn("{0} link into {1}", "{0} links into {1}", 2, "sink"), "2 links into sink");
    for (const std::string sentence : {"Headphones is required", "no guard could be made for ; trying again", "no guard could be made for a; b; trying again", "odd {0} thing", ""})
        EXPECT_EQ(said(sentence), sentence);
}

} // namespace
} // namespace soundwarden::cli
