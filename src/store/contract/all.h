// All suites of the contract.
#pragma once

#include "store/contract/accounts.h"
#include "store/contract/documents.h"
#include "store/contract/writing.h"

#define HY_STORE_CONTRACT(Name, Backend)                                              \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, AccountsContract, ::testing::Types<Backend>);  \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, DocumentsContract, ::testing::Types<Backend>); \
  INSTANTIATE_TYPED_TEST_SUITE_P(Name, WritingContract, ::testing::Types<Backend>)
