// Stanza errors and stream errors: the conditions of RFC 6120 §8.3.3 and §4.9.3.
#pragma once

#include <string>
#include <string_view>

#include "xml/element.h"

namespace hy::xmpp {

inline constexpr std::string_view stanzas_ns = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr std::string_view streams_ns = "urn:ietf:params:xml:ns:xmpp-streams";

/// RFC 6120 §8.3.3. Enumerators read like the wire.
enum class Condition {
  bad_request,
  conflict,
  feature_not_implemented,
  forbidden,
  gone,
  internal_server_error,
  item_not_found,
  jid_malformed,
  not_acceptable,
  not_allowed,
  not_authorized,
  policy_violation,
  recipient_unavailable,
  redirect,
  registration_required,
  remote_server_not_found,
  remote_server_timeout,
  resource_constraint,
  service_unavailable,
  subscription_required,
  undefined_condition,
  unexpected_request,
};

enum class ErrorType { auth, cancel, continue_, modify, wait };

std::string_view name(Condition condition);
std::string_view name(ErrorType type);
/// The type that RFC 6120 §8.3.3 gives this condition; where it leaves a choice, the first.
ErrorType usual_type(Condition condition);

struct StanzaError {
  Condition condition = Condition::undefined_condition;
  ErrorType type = ErrorType::cancel;
  std::string text;       // for people; English
  xml::Element specific;  // application-specific condition, if any

  StanzaError() = default;
  /*implicit*/ StanzaError(Condition c, std::string why = {})
      : condition(c), type(usual_type(c)), text(std::move(why)) {}
  StanzaError(Condition c, ErrorType t, std::string why = {}) : condition(c), type(t), text(std::move(why)) {}

  /// <error type='…'> in jabber:client, with condition and text.
  xml::Element element() const;
};

/// RFC 6120 §4.9.3.
enum class StreamCondition {
  bad_format,
  bad_namespace_prefix,
  conflict,
  connection_timeout,
  host_gone,
  host_unknown,
  improper_addressing,
  internal_server_error,
  invalid_from,
  invalid_namespace,
  invalid_xml,
  not_authorized,
  not_well_formed,
  policy_violation,
  remote_connection_failed,
  reset,
  resource_constraint,
  restricted_xml,
  see_other_host,
  system_shutdown,
  undefined_condition,
  unsupported_encoding,
  unsupported_feature,
  unsupported_stanza_type,
  unsupported_version,
};

std::string_view name(StreamCondition condition);

struct StreamError {
  StreamCondition condition = StreamCondition::undefined_condition;
  std::string text;
  xml::Element specific;  // e.g. <stanza-too-big xmlns='urn:xmpp:errors'/>

  StreamError() = default;
  /*implicit*/ StreamError(StreamCondition c, std::string why = {}) : condition(c), text(std::move(why)) {}
};

}  // namespace hy::xmpp
