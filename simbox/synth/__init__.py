"""Synthetic operators with rigs in them, and the truth about them.

A world is drawn from a scenario's priors by one seed: land and masts, people and their habits, look-alikes, rigs,
operators' gaps. Rigs keep a level of care (`levels`) and, apart from it, some modifiers (`modifiers`). Family B is the
same world under other laws (`family_b`): no detector is trained, tuned or chosen on it.

People and rigs buy their cards at the same counters and go through the same switches; what tells them apart is what
they do. Where published measurements exist, worlds are held to them:

| figure | published | source | ours |
|---|---|---|---|
| talk time, median and mean | 44 s, about 100 s | Zen, real operator, June 2018 | 44 s, 100-104 s |
| events of a SIM in a day | 4-8 (3.6 with sparse data) | FraudZen, Zen | 5.6 |
| calls of a SIM in a day, both ways, median and p90 | 1.9, 8.5 | Sichuan, lawful | 2.2, 8.0 |
| calls for each contact, median | 6.8 in 8 months | Sichuan, lawful | 4.6 in 2 months |
| different contacts, median | 61 in 8 months | Sichuan, lawful | 27 in 2 months |
| share outgoing, median | 0.52 | Sichuan, lawful | 0.49 |
| SIMs with a second IMEI | 39.7 % in 8 months | Sichuan, lawful | 12.9 % in 2 months |
| SMS in a month, median | 118 | Sichuan, lawful | 43 in `sample`, about 100 elsewhere |
| different contacts / calls of a lawful SIM, median | 0.148 in 8 months | Sichuan, lawful | 0.22 in 2 months |
| calls a loud rig's SIM makes on a date, p50 and p90 | 37, 92 | Sichuan, fraud, up to 10 dates | 20-30, 60-90 |
| share outgoing of a loud rig's SIM | 0.97 | Sichuan, fraud | 0.96-0.97 |
| different callees / calls of a rig's SIM | 0.81 | Sichuan, fraud | vishing 0.9, bypass 0.6 in 45 nights |
| rig's SIMs with three IMEIs or more | 45.7 % in 8 months | Sichuan, fraud | rotating rigs 80 %, others none |
| SIMs seen on up to 3, 7, 14 dates | 28, 52, 64 % | Sichuan, fraud | 28, 50, 62 %; nearly all of a `burnt` rig on 1-2 |
| SIMs for each port of a rig | 1-3, or 30-130 | seizures | 1-3 all at work, or banks of 30-130 |
"""

from simbox.synth.generate import generate
from simbox.synth.scenario import Scenario, list_scenarios, load_scenario

__all__ = ["Scenario", "generate", "list_scenarios", "load_scenario"]
