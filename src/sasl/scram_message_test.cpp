#include "sasl/scram_message.h"

#include <gtest/gtest.h>

namespace hy::sasl {
namespace {

TEST(ClientFirst, is_taken_apart) {
  const auto first = parse_client_first("p=tls-exporter,a=a=2Cb,n=user=3D=2C,r=no=nce!,x=more,y=");
  EXPECT_FALSE(first);  // y= is empty
  const auto good = parse_client_first("p=tls-exporter,a=a=2Cb,n=user=3D=2C,r=no=nce!,x=m=o,y=1");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->flag, BindingFlag::used);
  EXPECT_EQ(good->binding, "tls-exporter");
  EXPECT_EQ(good->authzid, "a,b");
  EXPECT_EQ(good->username, "user=,");
  EXPECT_EQ(good->nonce, "no=nce!");
  EXPECT_EQ(good->gs2_header, "p=tls-exporter,a=a=2Cb,");
  EXPECT_EQ(good->bare, "n=user=3D=2C,r=no=nce!,x=m=o,y=1");
}

TEST(ClientFirst, flags_n_and_y) {
  EXPECT_EQ(parse_client_first("n,,n=u,r=x")->flag, BindingFlag::unsupported);
  EXPECT_EQ(parse_client_first("y,,n=u,r=x")->flag, BindingFlag::not_offered);
}

TEST(ClientFirst, malformed_ones_are_refused) {
  for (const char* text : {
           "",
           "n",
           "n,",
           "n,,",
           "n,,n=u",
           "n,,n=u,",
           "n,,n=u,r=",
           "n,,n=,r=x",
           "n,,r=x,n=u",
           "n,n=u,r=x",
           "N,,n=u,r=x",
           "x,,n=u,r=x",
           "nn,,n=u,r=x",
           ",,n=u,r=x",
           "p,,n=u,r=x",
           "p=,,n=u,r=x",
           "p=a_b,,n=u,r=x",
           "p=a b,,n=u,r=x",
           "n=,,n=u,r=x",
           "y=tls-unique,,n=u,r=x",
           "n,a=,n=u,r=x",
           "n,b=me,n=u,r=x",
           "n,me,n=u,r=x",
           " n,,n=u,r=x",
           "n,,N=u,r=x",
           "n,,n=u,R=x",
           "n,,n=u,r=x,",
           "n,,n=u,r=x,,z=1",
           "n,,n=u,r=x,z",
           "n,,n=u,r=x,z=",
           "n,,n=u,r=x,1=z",
           "n,,n=u,r=x,zz=1",
           "n,,nu,r=x",
           "F,n,,n=u,r=x",
       }) {
    EXPECT_FALSE(parse_client_first(text)) << text;
  }
}

TEST(ClientFirst, only_2C_and_3D_are_escapes) {
  EXPECT_TRUE(parse_client_first("n,,n==2C=3D,r=x"));
  for (const char* text : {"n,,n==2c,r=x", "n,,n==3d,r=x", "n,,n=a=b,r=x", "n,,n=a=,r=x", "n,,n=a=2,r=x",
                           "n,,n==3F,r=x", "n,a==2c,n=u,r=x", "n,a=a=,n=u,r=x"}) {
    EXPECT_FALSE(parse_client_first(text)) << text;
  }
}

TEST(ClientFirst, a_nonce_is_printable_ascii) {
  EXPECT_TRUE(parse_client_first("n,,n=u,r=!~"));
  for (const char* text : {"n,,n=u,r=a b", "n,,n=u,r=a\x7F", "n,,n=u,r=a\x1F", "n,,n=u,r=\xC3\xA9"}) {
    EXPECT_FALSE(parse_client_first(text)) << text;
  }
}

TEST(ClientFirst, a_mandatory_extension_fails_wherever_it_stands) {
  EXPECT_FALSE(parse_client_first("n,,m=must,n=u,r=x"));
  EXPECT_FALSE(parse_client_first("n,m=must,n=u,r=x"));
  EXPECT_FALSE(parse_client_first("n,,n=u,m=must,r=x"));
  EXPECT_FALSE(parse_client_first("n,,n=u,r=x,m=must"));
  EXPECT_FALSE(parse_client_first("n,,n=u,r=x,z=1,m=must"));
  EXPECT_TRUE(parse_client_first("n,,n=u,r=x,z=m=must"));
}

TEST(ClientFirst, a_known_attribute_is_no_extension) {
  for (char letter : std::string_view("anmrcsipve")) {
    EXPECT_FALSE(parse_client_first(std::string("n,,n=u,r=x,") + letter + "=1")) << letter;
  }
  EXPECT_TRUE(parse_client_first("n,,n=u,r=x,A=1,z=2,h=3"));
}

TEST(ClientFirst, a_null_byte_fails) {
  EXPECT_FALSE(parse_client_first(std::string_view("n,,n=u\0u,r=x", 12)));
  EXPECT_FALSE(parse_client_first(std::string_view("n,,n=u,r=x,z=\0", 14)));
}

TEST(ClientFinal, is_taken_apart) {
  const auto final = parse_client_final("c=biws,r=n=o,x=1,p=Zm9v");
  ASSERT_TRUE(final);
  EXPECT_EQ(final->binding, "n,,");
  EXPECT_EQ(final->nonce, "n=o");
  EXPECT_EQ(final->proof, "foo");
  EXPECT_EQ(final->without_proof, "c=biws,r=n=o,x=1");
}

TEST(ClientFinal, malformed_ones_are_refused) {
  for (const char* text : {
           "",
           ",",
           "p=Zm9v",
           ",p=Zm9v",
           "c=biws,p=Zm9v",
           "r=x,p=Zm9v",
           "c=biws,r=x",
           "c=biws,r=x,",
           "c=biws,r=,p=Zm9v",
           "c=,r=x,p=Zm9v",
           "c=biws,r=x,p=",
           "r=x,c=biws,p=Zm9v",
           "c=biws,r=x,p=Zm9v,",
           "c=biws,r=x,p=Zm9v,x=1",
           "c=biws,r=x,p=Zm9v,p=Zm9v",
           "c=biw,r=x,p=Zm9v",
           "c=bi s,r=x,p=Zm9v",
           "c=biws,r=x,p=Zm9",
           "c=biws,r=x,p=Zh==",
           "c=biws,r=x,x,p=Zm9v",
           "c=biws,r=x,,p=Zm9v",
           "c=biws,r=x,c=biws,p=Zm9v",
           "c=biws,r=x,r=x,p=Zm9v",
           "C=biws,r=x,p=Zm9v",
           "c=biws,r=x,P=Zm9v",
           "c=biws,r=x y,p=Zm9v",
       }) {
    EXPECT_FALSE(parse_client_final(text)) << text;
  }
}

TEST(ClientFinal, a_mandatory_extension_fails_wherever_it_stands) {
  EXPECT_FALSE(parse_client_final("m=1,c=biws,r=x,p=Zm9v"));
  EXPECT_FALSE(parse_client_final("c=biws,m=1,r=x,p=Zm9v"));
  EXPECT_FALSE(parse_client_final("c=biws,r=x,m=1,p=Zm9v"));
  EXPECT_FALSE(parse_client_final("c=biws,r=x,p=Zm9v,m=1"));
}

TEST(ClientFinal, a_null_byte_fails) {
  EXPECT_FALSE(parse_client_final(std::string_view("c=biws,r=x,z=\0,p=Zm9v", 21)));
}

}  // namespace
}  // namespace hy::sasl
