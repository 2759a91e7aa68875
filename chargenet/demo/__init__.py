"""The demo network: two operators, their sites, stations, people and two months of charging."""
