### What servers answer to requests that nobody can use. Every other error has its own sentence.

http-not-json = The request cannot be used: its body is not JSON that can be read.
http-nothing-here = There is nothing at this address.
http-other-method = This address does not take that method.
http-malformed = The request cannot be used: { $where }: { $problem }.
http-unusable = The request cannot be used: { $status }.
http-mistake = The server made a mistake. It was written to its log; try again, and tell its operator if it stays.
