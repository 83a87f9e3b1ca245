"""Events that say nothing about how a team's work goes, and why."""

from __future__ import annotations

from collections.abc import Mapping

_REASONS = {
    "code that comes and goes is everyday work": (
        "commit_comment create delete fork gollum package public push registry_package repository_dispatch "
        "repository_import workflow_dispatch"
    ),
    "talk about work is no sign of trouble": (
        "discussion discussion_comment issue_comment pull_request_review pull_request_review_comment "
        "pull_request_review_thread"
    ),
    "planning is no sign of trouble": (
        "issue_dependencies label project project_card project_column projects_v2 projects_v2_item "
        "projects_v2_status_update sub_issues"
    ),
    "who may do what is no sign of trouble": (
        "branch_protection_configuration branch_protection_rule bypass_request_push_ruleset "
        "bypass_request_secret_scanning custom_property custom_property_promoted_to_enterprise custom_property_values "
        "deploy_key dismissal_request_code_scanning dismissal_request_dependabot dismissal_request_secret_scanning "
        "exemption_request_push_ruleset exemption_request_secret_scanning github_app_authorization installation "
        "installation_repositories installation_target member membership meta org_block organization "
        "personal_access_token_request repository repository_ruleset security_and_analysis team team_add"
    ),
    "GitHub only asks whether somebody is there": "ping",
    "what people think of a repository or give to it is no work of a team": "sponsorship star watch",
    "a deployment that is asked for or looked at is told when it has ended": (
        "deployment deployment_protection_rule deployment_review"
    ),
    "a merge group is told by the checks that fail, and by the pull request that leaves the queue": "merge_group",
    "an advisory for everybody is told by the alert of the repository that it concerns": "security_advisory",
    "where a secret stands is told by its alert": "secret_scanning_alert_location secret_scanning_scan",
}

REASONS: Mapping[str, str] = {event: reason for reason, events in _REASONS.items() for event in events.split()}
"""Event → why it is ignored."""
