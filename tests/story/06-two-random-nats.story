# both NATs choose a random port for each destination: there is no way, and it is said so
seed 6
site a: symmetric-random
site b: symmetric-random
alice at a: listens
bob at b: connects, after 100, timeout 5000
expect
[     0.0 ms] alice          our address: 192.168.1.10:51009 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:34994 listens in room cf1b...
[   100.0 ms] bob            our address: 192.168.2.10:45207 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:34994 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:34994
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room cf1bee39f5147685569fd401e85c423d44cebaccb20aac3ecafdff9335bb2115
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:11933 knocks in room cf1b...
[   175.0 ms] server         198.51.100.33:11933 and 198.51.100.17:34994 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:11933 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:11933
[   200.0 ms] bob            our NAT takes any port for each destination (random)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:11933; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:45207 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:11933 (as its server sees it)
[   200.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   200.0 ms] alice          dials 198.51.100.33:11933
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:34994; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:34994 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:51009 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   200.0 ms] bob            one NAT is random, the other's ports change as well: no direct way is known
[   200.0 ms] bob            dials 198.51.100.17:34994
[   225.0 ms] b's NAT        drops the SYN from 198.51.100.17:63906 to 198.51.100.33:11933: nobody here has called there
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.33:33197 to 198.51.100.17:34994: nobody here has called there
[   450.0 ms] alice          the peer's NAT takes any port for each destination (random)
[   450.0 ms] alice          one NAT is random, the other's ports change as well: no direct way is known
[   450.0 ms] alice          the peer tells how its NAT behaves
[   550.0 ms] bob            the peer tells how its NAT behaves
[  1225.0 ms] b's NAT        drops the SYN from 198.51.100.17:63906 to 198.51.100.33:11933: nobody here has called there
[  1225.0 ms] a's NAT        drops the SYN from 198.51.100.33:33197 to 198.51.100.17:34994: nobody here has called there
[  2225.0 ms] b's NAT        drops the SYN from 198.51.100.17:63906 to 198.51.100.33:11933: nobody here has called there
[  2225.0 ms] a's NAT        drops the SYN from 198.51.100.33:33197 to 198.51.100.17:34994: nobody here has called there
[  2791.8 ms] alice          198.51.100.33:11933 is silent, gives up this dial
[  2791.8 ms] alice          dials 198.51.100.33:11933 (2nd time)
[  2829.2 ms] bob            198.51.100.17:34994 is silent, gives up this dial
[  2829.2 ms] bob            dials 198.51.100.17:34994 (2nd time)
[  5100.0 ms] bob              stage: 2 dials, none was connected; it lasted 4.9 s
[  5100.0 ms] bob              our NAT takes any port for each destination (random); the peer's NAT takes any port for each destination (random)
[  5100.0 ms] bob              one NAT is random, the other's ports change as well: no direct way is known
[  5100.0 ms] bob              198.51.100.17:34994 (as its server sees it): dialled 2 times, silent 1, never connected; last: no answer yet
[  5100.0 ms] bob              192.168.1.10:51009 (its own address): not dialled, it is private and not of a network of ours
[  5100.0 ms] bob            the peer is there, but no path to it worked
[  5100.0 ms] bob            No direct way exists between two NATs that choose ports at random: map a port on one router, use IPv6, or let the server relay. See both-random in docs/troubleshooting.md.
[  5387.7 ms] alice          198.51.100.33:11933 is silent, gives up this dial (2nd time)
[  5387.7 ms] alice          dials 198.51.100.33:11933 (3rd time)
[  7900.0 ms] alice          198.51.100.33:11933 is silent, gives up this dial (3rd time)
[ 13163.2 ms] b's NAT        drops the SYN from 198.51.100.17:63906 to 198.51.100.33:11933: nobody here has called there
[ 15200.0 ms] alice            stage: 6 dials, none was connected; it lasted 15.0 s
[ 15200.0 ms] alice            our NAT takes any port for each destination (random); the peer's NAT takes any port for each destination (random)
[ 15200.0 ms] alice            one NAT is random, the other's ports change as well: no direct way is known
[ 15200.0 ms] alice            192.168.2.10:45207 (its own address): not dialled, it is private and not of a network of ours
[ 15200.0 ms] alice            198.51.100.33:11933 (as its server sees it): dialled 6 times, silent 5, never connected; last: no answer yet
[ 15200.0 ms] alice          the peer is there, but no path to it worked
[ 15200.0 ms] alice          No direct way exists between two NATs that choose ports at random: map a port on one router, use IPv6, or let the server relay. See both-random in docs/troubleshooting.md.
