// The least that a tick which finds nothing takes: connects, looks for a due row of bench_floor, ends. libpq and libc, no more.
//
//   bench-tick URL
#include <libpq-fe.h>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  PGconn* conn = PQconnectdb(argv[1]);
  PGresult* result = PQexec(conn, "SELECT id FROM bench_floor WHERE status = 0 AND due_at <= now() ORDER BY due_at LIMIT 1");
  const bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;
  PQclear(result);
  PQfinish(conn);
  return ok ? 0 : 1;
}
