from conftest import post


def weights(sandbox, token="access-of-anna"):
    url = sandbox["base_url"] + "/measure"
    answer = post(url, action="getmeas", meastype=1, category=1, access_token=token)
    return answer["status"], answer["body"].get("measuregrps", [])


def test_the_weight_of_the_seed_is_there(sandbox):
    status, groups = weights(sandbox)
    assert status == 0 and groups[0]["measures"][0]["value"] == 6685


def test_a_token_ends(sandbox):
    post(sandbox["base_url"] + "/vitald/v1/clock", advance="4h")
    assert weights(sandbox)[0] == 401


def test_and_is_good_again_in_the_next_test(sandbox):
    assert weights(sandbox)[0] == 0
