"""What things cost."""

DISCOUNT_FROM = 10
DISCOUNT = 0.1


def price_of(unit_price: float, quantity: int) -> float:
    """The price of `quantity` pieces; from ten on, a tenth less."""
    full = unit_price * quantity
    if quantity > DISCOUNT_FROM:
        return full * (1 - DISCOUNT)
    return full
