"""What types, states and priorities are called where a tool speaks another language than English.

Tools send built-in words as they show them: a German Zendesk writes *Dringend* for *Urgent*, a French Jira *Terminé* for *Done*.
Here are those of the languages in which most tools come. Any other word is unknown, and neutral.
"""

from __future__ import annotations

from typing import Final


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_PRIORITIES: Final = {
    "highest": _words("höchste hoogste 最高"),
    "urgent": _words("dringend urgente 緊急 紧急 긴급"),
    "critical": _words("kritisch critique crítica crítico critica critico kritiek"),
    "high": _words("hoch haute élevée alta alto hoog 高 높음"),
    "medium": _words("mittel moyenne moyen media medio média médio gemiddeld 中 보통"),
    "normal": _words("normale normaal"),
    "low": _words("niedrig gering faible basse baja bajo baixa baixo bassa basso laag 低 낮음"),
    "lowest": _words("niedrigste laagste 最低"),
}
_RATINGS: Final = {
    "bad": _words("schlecht mauvais mauvaise mala malo ruim cattivo slecht 悪い"),
    "good": _words("gut bon bonne buena bueno boa bom buono goed 良い"),
}
ENGLISH: Final = {
    word: english for scale in (_PRIORITIES, _RATINGS) for english, words in scale.items() for word in words
}
"""Word of a priority or a rating, in lower case → what English tools call it."""

DONE: Final = _words(
    "erledigt fertig geschlossen gelöst behoben abgeschlossen",
    "terminé terminée fermé fermée résolu résolue fini finie",
    "hecho hecha listo finalizado finalizada cerrado cerrada resuelto resuelta",
    "concluído concluída concluido concluida feito fechado fechada resolvido resolvida",
    "completato completata fatto chiuso chiusa risolto risolta",
    "voltooid gereed klaar gesloten opgelost",
    "完了 解決済み クローズ 完成 已完成 已关闭 已解决 완료 готово закрыто решено",
)
"""What lists and states that hold done work are called."""

LOST: Final = _words("verloren perdu perdue perdida perdido persa perso 失注")
"""What the stages of sales that are lost are called."""

INCIDENTS: Final = _words("störung vorfall incidente incidentes incidencia panne インシデント 障害 故障")
SECURITY: Final = _words(
    "sicherheit sicherheitslücke schwachstelle sécurité vulnérabilité seguridad vulnerabilidad",
    "segurança vulnerabilidade sicurezza vulnerabilità beveiliging kwetsbaarheid 脆弱性 セキュリティ",
)
DEFECTS: Final = _words(
    "fehler bogue problème défaut defecto problema defeito erro difetto probleem fout",
    "バグ 不具合 問題 缺陷 버그 ошибка дефект",
)
COMPLAINTS: Final = _words(
    "beschwerde reklamation plainte réclamation queja reclamación reclamação reclamo klacht クレーム"
)
DENIALS: Final = _words("kein keine nessun geen")
"""What makes a mark its contrary: *kein Fehler*."""
