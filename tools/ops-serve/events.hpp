// The lines of ops-serve.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emit/event.hpp"

struct Listening {
  static constexpr std::string_view type = "listening";
  static constexpr std::string_view about = "Connections are taken from now on.";
  std::string address;
  bool from_systemd = false;
  static constexpr auto fields = emit::fields(emit::field("address", &Listening::address, "Address and port, or the path of a Unix socket."),
                                              emit::field("from_systemd", &Listening::from_systemd, "The socket was passed by systemd."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t requests = 0;
  std::int64_t refused = 0;
  std::int64_t dropped = 0;
  std::string stopped_by;
  int exit = 0;
  static constexpr auto fields = emit::fields(
      emit::field("state", &Summary::state, "ok, or unknown after an error."), emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."),
      emit::field("requests", &Summary::requests, "Requests answered."), emit::field("refused", &Summary::refused, "Those answered with 401."),
      emit::field("dropped", &Summary::dropped, "Connections closed because they took too long."),
      emit::field("stopped_by", &Summary::stopped_by, "SIGTERM, SIGINT, limit or output."), emit::field("exit", &Summary::exit, "The exit status."));
};
