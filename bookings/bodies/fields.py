"""Bodies and queries that mean what they say: no unknown names, no numbers for text, no text for numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings.contacts import normalised_email, normalised_phone
from bookings.time_zones import zone_names


class Body(serializers.Serializer[Any]):
    """A JSON object of exactly these fields: a name that is not among them is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (
            unknown := sorted(str(name) for name in data.keys() - self._names())
        ):
            raise serializers.ValidationError(
                {name[:100]: ["There is no such field."] for name in unknown[:20]}
            )
        return super().to_internal_value(data)

    def _names(self) -> set[str]:
        return {name for name, field in self.fields.items() if not field.read_only}


class Query(serializers.Serializer[Any]):
    """The parameters of a query, which are all text. Names that are not among the fields are ignored."""


class Text(serializers.CharField):
    """Text, and only text: a number is not turned into it."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number, and only that, between its bounds; to the database every one of them is 32 bits."""

    def __init__(self, *, min_value: int = 0, max_value: int = 2**31 - 1, **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool | str) or (isinstance(data, float) and not data.is_integer()):
            self.fail("invalid")
        return super().to_internal_value(int(data) if isinstance(data, float) else data)


class YesNo(serializers.BooleanField):
    """true or false, and only those."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "string", "maxLength": 60})
class Key(Text):
    """The id or the slug of a clinic or a protocol."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 60, **options})


class Ident(serializers.UUIDField):
    """The id of a thing: a UUID in its usual form, and only that."""

    default_error_messages = {"invalid": "Not an id."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or len(data) != 36:
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class OneOf(serializers.ChoiceField):
    """One word of a list."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.EMAIL)
class Email(Text):
    """An email address, in lower case and the one form in which it is kept."""

    default_error_messages = {"email": "Not an email address."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        return normalised_email(text) or self.fail("email")  # type: ignore[func-returns-value]


class Phone(Text):
    """A telephone number, turned into E.164. Without a country code it is read as North American."""

    default_error_messages = {"phone": "Not a telephone number: write it like +1 202 555 0142."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        return normalised_phone(text) or self.fail("phone")  # type: ignore[func-returns-value]


class TimeZone(Text):
    """The IANA name of a time zone."""

    default_error_messages = {"zone": "Not a time zone: write it like America/New_York."}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in zone_names():
            self.fail("zone")
        return name
