# alice stops when bob has chosen her link: he chooses no other, for she might hold it
seed 51
site a: public, v6=open
site b: public, v6=open
path b>a: delay 100           # her words are there before she has heard his
alice at a: listens, quiet
bob at b: connects, after 100
at 370: alice stops
expect
[    75.0 ms] server         198.51.100.18:40395 listens in room 8834...
[   100.0 ms] bob            our address: 198.51.100.34:35693 (host)
[   100.0 ms] bob            our address: [2001:db8:2:1::10]:35693 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.34:35693 knocks in room 8834...
[   175.0 ms] server         198.51.100.34:35693 and 198.51.100.18:40395 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            no NAT changes our address
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:35693
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.18:40395; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.18:40395 (its own address)
[   200.0 ms] bob            the peer offers [2001:db8:1:1::10]:40395 (its own address)
[   200.0 ms] bob            no NAT changes the peer's address
[   200.0 ms] bob            dials 198.51.100.18:40395
[   200.0 ms] bob            dials [2001:db8:1:1::10]:40395
[   325.0 ms] bob            connected to 198.51.100.18:40395
[   325.0 ms] bob            connected to [2001:db8:1:1::10]:40395
[   350.0 ms] bob            198.51.100.18:40395 proves that it holds the secret
[   350.0 ms] bob            chooses the link to 198.51.100.18:40395
[   350.0 ms] bob            [2001:db8:1:1::10]:40395 proves that it holds the secret
[   370.0 ms] alice          is killed
[   395.0 ms] bob            the link to 198.51.100.18:40395 ends: closed by the other side
[   395.0 ms] bob              stage: a link proved itself, but none was chosen; it lasted 195 ms
[   395.0 ms] bob              no NAT changes our address; no NAT changes the peer's address
[   395.0 ms] bob              198.51.100.18:40395 (its own address): dialled 1 time, connected; last: closed by the other side
[   395.0 ms] bob              [2001:db8:1:1::10]:40395 (its own address): dialled 1 time, connected
[   395.0 ms] bob            the connection broke before it was handed over
[   395.0 ms] bob            The peer was there and went away: start it again, and look why it ended. See peer-left in docs/troubleshooting.md.
