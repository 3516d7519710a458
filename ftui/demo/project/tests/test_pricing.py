from shop.pricing import price_of


def test_a_few_cost_the_full_price() -> None:
    assert price_of(2.0, 3) == 6.0


def test_ten_cost_a_tenth_less() -> None:
    assert price_of(1.0, 10) == 9.0
