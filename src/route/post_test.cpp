#include "route/post.h"

#include <gtest/gtest.h>

namespace hy::route {
namespace {

/// A loop that runs what was posted when it is told to.
class HandLoop final : public Loop {
 public:
  void post(Job job) override { jobs_.push_back(std::move(job)); }
  Timer after(Duration, Job) override { return {}; }
  void at_turn_end(Job job) override { job(); }
  const Clock& clock() const override { return clock_; }
  void run() {
    std::vector<Job> jobs;
    std::swap(jobs, jobs_);
    for (Job& job : jobs) job();
  }
  std::size_t posted() const { return jobs_.size(); }

 private:
  std::vector<Job> jobs_;
  SystemClock clock_;
};

struct Office {
  Office(int shard) : post(static_cast<ShardId>(shard), loop, [this] { ++first_mails; }) {}
  HandLoop loop;
  int first_mails = 0;
  Post post;
  std::vector<Parcel> parcels;
  std::vector<Answer> answers;
};

class PostTest : public testing::Test {
 protected:
  PostTest() {
    for (Office* office : {&a_, &b_}) {
      office->post.connect({&a_.post, &b_.post},
                           {[office](Parcel parcel) { office->parcels.push_back(std::move(parcel)); },
                            [office](Answer answer) { office->answers.push_back(std::move(answer)); }});
    }
  }
  static Parcel parcel(std::size_t text, std::string id = "") {
    xmpp::Stanza stanza(xmpp::Kind::message, xmpp::Type::chat);
    stanza.id = std::move(id);
    stanza.add(xml::Element("body", xmpp::client_ns).with_text(std::string(text, 'x')));
    return {std::make_shared<const xmpp::Stanza>(std::move(stanza)), *xmpp::Jid::parse("a@b"), {}};
  }
  void answer_all() {
    for (const Parcel& parcel : std::exchange(b_.parcels, {})) {
      Answer answer;
      answer.credit = parcel.charge();
      b_.post.answer(ShardId(0), std::move(answer));
    }
    b_.post.flush();
    a_.loop.run();
  }

  Office a_{0}, b_{1};
};

TEST_F(PostTest, a_turn_s_mail_is_one_batch) {
  EXPECT_TRUE(a_.post.send(ShardId(1), parcel(10, "1"), {}));
  EXPECT_TRUE(a_.post.send(ShardId(1), parcel(10, "2"), {}));
  EXPECT_EQ(a_.first_mails, 1);
  EXPECT_EQ(b_.loop.posted(), 0u);
  a_.post.flush();
  EXPECT_EQ(b_.loop.posted(), 1u);
  b_.loop.run();
  ASSERT_EQ(b_.parcels.size(), 2u);
  EXPECT_EQ(b_.parcels[0].stanza->id, "1");
  EXPECT_EQ(b_.parcels[1].stanza->id, "2");
}

TEST_F(PostTest, without_credit_a_parcel_waits_and_later_ones_queue_behind_it) {
  const Parcel big = parcel(1024 * 1024);
  const std::size_t fit = Post::pair_credit / big.charge();
  for (std::size_t i = 0; i < fit; ++i) EXPECT_TRUE(a_.post.send(ShardId(1), big, {}));
  int sent = 0;
  EXPECT_FALSE(a_.post.send(ShardId(1), parcel(1024 * 1024, "first"), [&] { ++sent; }));
  EXPECT_FALSE(a_.post.send(ShardId(1), parcel(1, "second"), [&] { ++sent; }));
  EXPECT_EQ(a_.post.waiting(ShardId(1)), 2u);
  a_.post.flush();
  b_.loop.run();
  EXPECT_EQ(b_.parcels.size(), fit);
  EXPECT_EQ(sent, 0);

  answer_all();
  EXPECT_EQ(sent, 2);
  EXPECT_EQ(a_.answers.size(), fit);
  a_.post.flush();
  b_.loop.run();
  ASSERT_EQ(b_.parcels.size(), 2u);
  EXPECT_EQ(b_.parcels[0].stanza->id, "first");
  EXPECT_EQ(b_.parcels[1].stanza->id, "second");
  answer_all();
  EXPECT_EQ(a_.post.credit(ShardId(1)), Post::pair_credit);
}

TEST_F(PostTest, a_parcel_larger_than_all_credit_goes_alone) {
  EXPECT_TRUE(a_.post.send(ShardId(1), parcel(2 * Post::pair_credit), {}));
  EXPECT_EQ(a_.post.credit(ShardId(1)), 0u);
  EXPECT_FALSE(a_.post.send(ShardId(1), parcel(1), {}));
  a_.post.flush();
  b_.loop.run();
  answer_all();
  a_.post.flush();
  b_.loop.run();
  EXPECT_EQ(b_.parcels.size(), 1u);
}

TEST_F(PostTest, answers_need_no_credit) {
  while (b_.post.send(ShardId(0), parcel(512 * 1024), {})) {
  }
  b_.post.answer(ShardId(0), Answer());
  b_.post.flush();
  a_.loop.run();
  EXPECT_EQ(a_.answers.size(), 1u);
}

}  // namespace
}  // namespace hy::route
