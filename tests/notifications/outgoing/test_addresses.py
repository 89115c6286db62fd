"""Where a webhook may go: every way of writing an address of one's own network, and its public neighbour."""

import ipaddress

import pytest

from notifications.outgoing.addresses import Forbidden, checked, is_public, refuse_url, resolve

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1",
    "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
    "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8", "100::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:db8::1", "2002:0a00:0001::1", "2002:7f00:0001::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1", "3fff::1", "5f00::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.1", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255",
    "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001:812::200e", "64:ff9b::8.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_of_a_private_network_is_public(address):
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(Forbidden, match="private network"):
        checked(["1.1.1.1", address], allow_private=False)
    assert checked([address], allow_private=True) == [address]


@pytest.mark.parametrize("address", PUBLIC)
def test_its_neighbours_on_the_internet_are(address):
    assert is_public(ipaddress.ip_address(address))
    assert checked([address], allow_private=False) == [address]


@pytest.mark.parametrize(
    "url",
    [
        "https://ehr.example/hooks", "https://ehr.example:8443/hooks?key=1", "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/", "https://xn--nvr-qla.example/",
    ],
)  # fmt: skip
def test_an_address_on_the_internet_may_be_given(url):
    refuse_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "", "ehr.example", "//ehr.example/", "http://ehr.example/", "ftp://ehr.example/", "file:///etc/passwd",
        "https://", "https:///hooks", "https://user@ehr.example/", "https://user:word@ehr.example/",
        "https://ehr.example/#part", "https://ehr.example:99999/", "https://ehr.example:port/",
        "https://[::1", "https://ehr.example/a b", "https://ehr.example/\r\nHost: 10.0.0.1", "https://n\u00e4vr.example/",
        "https://ehr.example\\@10.0.0.1/", "https://10.0.0.1/", "https://127.0.0.1:6379/", "https://[::1]/",
        "https://[::ffff:169.254.169.254]/", "https://127.1/", "https://0x7f.1/", "https://2130706433/",
        "https://0177.0.0.1/", "https://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_others_are_refused_before_anything_is_sent(url):
    with pytest.raises(Forbidden):
        refuse_url(url, allow_private=False)


def test_a_private_network_may_be_allowed_over_plain_http_too():
    for url in ("http://10.0.0.1/", "https://10.0.0.1/", "http://ehr.internal/"):
        refuse_url(url, allow_private=True)
    for url in ("ftp://10.0.0.1/", "http://user@10.0.0.1/"):
        with pytest.raises(Forbidden):
            refuse_url(url, allow_private=True)


def test_a_name_is_turned_into_addresses_each_once():
    assert "127.0.0.1" in resolve("localhost", 80)
    assert len(resolve("localhost", 80)) == len(set(resolve("localhost", 80)))
    with pytest.raises(Forbidden, match="not known"):
        resolve("nowhere.invalid", 80)
    with pytest.raises(Forbidden, match="not known"):
        resolve("a" * 64 + ".example", 80)
