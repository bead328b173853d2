# alice is asked to stop in the middle of an attempt: she ends at once, bob tries until his time is up
seed 33
site a: eim-drop
site b: eim-drop
alice at a: listens
bob at b: connects, after 100, timeout 2000
at 215: alice cancels
expect
[     0.0 ms] alice          our address: 192.168.1.10:46834 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:18162 listens in room 78b2...
[   100.0 ms] bob            our address: 192.168.2.10:41145 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:18162 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:18162
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 78b235fe6097afd268cc81b550c08e1f65c970bb283b53e8cc96f6f4c31e05d0
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:20665 knocks in room 78b2...
[   175.0 ms] server         198.51.100.33:20665 and 198.51.100.17:18162 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:20665 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:20665
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:20665; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:41145 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:20665 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:20665
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:18162; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:18162 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:46834 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] bob            dials 198.51.100.17:18162
[   215.0 ms] alice          is asked to stop
[   215.0 ms] alice            stage: 1 dial, none was connected; it lasted 15 ms
[   215.0 ms] alice            our NAT keeps one port towards everybody (endpoint-independent); the peer's NAT is not known
[   215.0 ms] alice            192.168.2.10:41145 (its own address): not dialled, it is private and not of a network of ours
[   215.0 ms] alice            198.51.100.33:20665 (as its server sees it): dialled 1 time, never connected
[   215.0 ms] alice          cancelled
[   215.0 ms] alice          Nothing to do: it was asked for. See CANCELLED in docs/troubleshooting.md.
[   215.0 ms] alice            stage: no attempt was running
[   215.0 ms] alice          cancelled
[   215.0 ms] alice          Nothing to do: it was asked for. See CANCELLED in docs/troubleshooting.md.
[   275.0 ms] bob            198.51.100.17:18162 does not let us in: refused
[   275.9 ms] bob            dials 198.51.100.17:18162 (2nd time)
[   300.9 ms] a's NAT        drops the SYN from 198.51.100.33:20665 to 198.51.100.17:18162: it fits no connection that it follows
[   700.0 ms] b-a            the TTL of the SYN from 198.51.100.33:31937 to 198.51.100.17:18162 runs out
[   700.0 ms] bob            opens our NAT for 198.51.100.17:18162 by a SYN that ends on the way (TTL 3)
[  1300.9 ms] a's NAT        drops the SYN from 198.51.100.33:20665 to 198.51.100.17:18162: it fits no connection that it follows
[  1725.0 ms] a's NAT        drops the SYN from 198.51.100.33:31937 to 198.51.100.17:18162: nobody here has called there
[  2100.0 ms] bob              stage: 2 dials, none was connected; it lasted 1.9 s
[  2100.0 ms] bob              our NAT keeps one port towards everybody (endpoint-independent); the peer's NAT keeps one port towards everybody (endpoint-independent)
[  2100.0 ms] bob              in turns, one side opens its NAT by a SYN that ends on the way, the other dials: 1 dial in 1 round
[  2100.0 ms] bob              198.51.100.17:18162 (as its server sees it): dialled 2 times, refused 1, never connected; last: refused
[  2100.0 ms] bob              192.168.1.10:46834 (its own address): not dialled, it is private and not of a network of ours
[  2100.0 ms] bob            the peer is there, but no path to it worked
[  2100.0 ms] bob            Each dial is refused: look whether the peer still runs; if so, a firewall refuses even what answers its own side: map a port on one router, or use IPv6. See all-refused in docs/troubleshooting.md.
