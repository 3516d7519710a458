import pytest

from shop.basket import Basket


@pytest.mark.parametrize("quantity", range(1, 6))
def test_a_basket_adds_up(quantity: int) -> None:
    basket = Basket()
    basket.add("apple", 0.5, quantity)
    basket.add("pear", 0.75)
    assert basket.total() == 0.5 * quantity + 0.75


def test_the_same_thing_twice_is_one_line() -> None:
    basket = Basket()
    basket.add("apple", 0.5)
    basket.add("apple", 0.5, 2)
    assert basket.lines == {"apple": (0.5, 3)}
