// Contract: batches apply in the committer's order, reads wait for their owner's writes, positions and ids
// are kept.
#pragma once

#include "store/contract/backend.h"

namespace hy::store::contract {

template <class Backend>
class WritingContract : public Suite<Backend> {};

TYPED_TEST_SUITE_P(WritingContract);

TYPED_TEST_P(WritingContract, batches_of_different_shards_apply_in_the_order_of_handing_over) {
  // One owner never has two shards in production; here it shows the order.
  Owner owner = jid("juliet@example.org");
  auto put = [&](std::size_t shard, std::string value) {
    this->desk(shard).put(owner, PutDocument{{owner, "x", std::move(value), 1}});
    this->desk(shard).hand_over();
  };
  put(1, "one");
  put(0, "two");
  put(1, "three");
  put(0, "four");
  EXPECT_EQ(this->find("juliet@example.org", "x")->value, "four");
  put(0, "five");
  put(1, "six");
  EXPECT_EQ(this->find("juliet@example.org", "x")->value, "six");
}

TYPED_TEST_P(WritingContract, a_read_waits_for_the_open_batch_of_its_owner) {
  this->put("juliet@example.org", "x", "new");
  auto read = this->start_read(this->shard().documents->find(jid("juliet@example.org"), "x"));
  EXPECT_FALSE(read->has_value());  // open
  this->desk().hand_over();
  this->turn();
  EXPECT_FALSE(read->has_value());  // on its way
  this->settle();
  ASSERT_TRUE(read->has_value());
  EXPECT_EQ((**read)->value().value, "new");
}

TYPED_TEST_P(WritingContract, a_read_does_not_wait_for_other_owners) {
  this->put("juliet@example.org", "x", "new");
  auto read = this->start_read(this->shard().documents->find(jid("romeo@example.org"), "x"));
  auto account = this->start_read(this->shard().accounts->find(jid("romeo@example.org")));
  EXPECT_TRUE(read->has_value());
  EXPECT_TRUE(account->has_value());
}

TYPED_TEST_P(WritingContract, a_list_of_accounts_waits_for_all_of_its_shard) {
  this->put(account("juliet@example.org"));
  auto list = this->start_read(this->shard().accounts->list("example.org", {}, 10));
  EXPECT_FALSE(list->has_value());
  this->settle();
  ASSERT_TRUE(list->has_value());
  EXPECT_EQ((**list)->size(), 1u);
}

TYPED_TEST_P(WritingContract, a_closed_scope_ends_a_read_behind_the_barrier) {
  this->put("juliet@example.org", "x", "new");
  auto read = this->start_read(this->shard().documents->find(jid("juliet@example.org"), "x"));
  this->shard().scope.close();
  ASSERT_TRUE(read->has_value());
  EXPECT_EQ((*read)->error().code, Error::cancelled);
}

TYPED_TEST_P(WritingContract, positions_become_durable_with_what_they_stand_for) {
  Position one = this->put("juliet@example.org", "x", "1");
  this->desk().hand_over();
  Position two = this->put("juliet@example.org", "y", "2");
  EXPECT_LT(one, two);
  this->turn();
  EXPECT_LT(this->desk().durable_position(), one);
  EXPECT_TRUE(this->committer_->step());
  this->turn();
  EXPECT_EQ(this->desk().durable_position(), one);
  this->restart();
  EXPECT_TRUE(this->find("juliet@example.org", "x"));
  EXPECT_FALSE(this->find("juliet@example.org", "y"));
}

TYPED_TEST_P(WritingContract, an_empty_store_has_no_floor_and_the_highest_counts) {
  Batch batch;
  batch.writes = {PutFloor{1, std::uint64_t{1} << 60}, PutFloor{0, 5}};
  ASSERT_TRUE(this->backend_.engine().write(std::span(&batch, 1)));
  EXPECT_EQ(this->backend_.engine().floor(), std::uint64_t{1} << 60);
  this->end();
  this->backend_.reopen();
  EXPECT_EQ(this->backend_.engine().floor(), std::uint64_t{1} << 60);
  batch.writes = {PutFloor{1, 4}};
  ASSERT_TRUE(this->backend_.engine().write(std::span(&batch, 1)));
  EXPECT_EQ(this->backend_.engine().floor(), std::uint64_t{5});
  this->start();
}

TYPED_TEST_P(WritingContract, ids_grow_over_restarts_also_when_the_clock_goes_back) {
  std::uint64_t last = 0;
  auto take = [&] {
    for (int i = 0; i < 100; ++i) {
      for (std::size_t shard : {0, 1}) {
        std::uint64_t id = this->desk(shard).next_id();
        if (shard == 0) EXPECT_GT(id, last);
        last = std::max(last, id);
      }
      this->clock_.advance(std::chrono::milliseconds(10));
      this->turn();
    }
  };
  for (int round = 0; round < 5; ++round) {
    take();
    this->settle();
    this->clock_.advance(std::chrono::seconds(7));
    this->turn();
    if (round % 2 == 0) this->settle();  // else the raised floor is lost
    take();
    if (round == 2) this->clock_.set_wall(this->clock_.wall() - std::chrono::hours(24));
    this->restart();
    EXPECT_GT(this->desk(1).next_id(), last);
    EXPECT_GT(this->desk(0).next_id(), last);
  }
}

REGISTER_TYPED_TEST_SUITE_P(WritingContract, batches_of_different_shards_apply_in_the_order_of_handing_over,
                            a_read_waits_for_the_open_batch_of_its_owner,
                            a_read_does_not_wait_for_other_owners,
                            a_list_of_accounts_waits_for_all_of_its_shard,
                            a_closed_scope_ends_a_read_behind_the_barrier,
                            positions_become_durable_with_what_they_stand_for,
                            an_empty_store_has_no_floor_and_the_highest_counts,
                            ids_grow_over_restarts_also_when_the_clock_goes_back);

}  // namespace hy::store::contract
