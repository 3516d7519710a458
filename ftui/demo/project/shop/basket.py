"""What a customer is about to buy."""

from dataclasses import dataclass, field

from shop.pricing import price_of


@dataclass
class Basket:
    """Things by name, each with its unit price and quantity."""

    lines: dict[str, tuple[float, int]] = field(default_factory=dict)

    def add(self, name: str, unit_price: float, quantity: int = 1) -> None:
        """Puts in some more of one thing."""
        _, before = self.lines.get(name, (unit_price, 0))
        self.lines[name] = (unit_price, before + quantity)

    def total(self) -> float:
        """What all of it costs."""
        return sum(price_of(each, quantity) for each, quantity in self.lines.values())
