"""Hold templates from which the sample texts come; all of them are invented."""

from __future__ import annotations

from routing.templates import ApprovedTemplate

from .samples import BY_ID

_CONTACT = "咨询电话{phone}"
# fmt: off
# ruff: noqa: E501
_TEXTS: tuple[tuple[str, str, str], ...] = (
    ("T01", "verification", "验证码{code}，用于登录“示例政务”警务服务，{minutes}分钟内有效。民警不会向您索要验证码，请勿告知他人。"),
    ("T02", "verification", "您正在办理{text}，验证码{code}，{minutes}分钟内有效。如非本人操作请忽略。"),
    ("T03", "notice", "{name}您好，您已预约{date}{time}在{place}办理{text}，预约号{serial}，请携带身份证原件按时到场。"),
    ("T04", "reminder", "温馨提示：您预约的{text}业务将于{date}{time}办理，地点{place}。如需改期请登录预约系统操作。"),
    ("T05", "notice", "您预约的{text}业务（预约号{serial}）已取消。如需办理请重新预约，" + _CONTACT + "。"),
    ("T06", "notice", "您于{date}报称的{text}一案已受理，受案编号{case_no}。承办民警{name:8}，联系电话{phone}，您可凭编号查询进展。"),
    ("T07", "notice", "您报称的{text}一案（受案编号{case_no}）经审查已依法立案侦查，立案告知书可到{station}领取。"),
    ("T08", "notice", "受案编号{case_no}有新的办理进展，请登录“示例警务”公开查询平台，凭受案编号及查询密码查看，短信不含案件详情。"),
    ("T09", "notice", "受案编号{case_no}的案件已办结，请于{number}个工作日内携带本人身份证到{station}领取相关文书及物品。"),
    ("T10", "notice", "您近期到{station}办理了业务，请对服务作出评价：非常满意回复1，满意回复2，不满意回复3。回复免收信息费。"),
    ("T11", "public_interest", "反诈提醒：公检法机关不会通过电话办案，不存在“安全账户”。凡要求转账、共享屏幕的均为诈骗，请挂断并拨打96110咨询。"),
    ("T12", "emergency", "紧急提醒：您可能正在遭遇电信网络诈骗，请立即停止转账汇款，不要透露验证码。如需帮助请拨打96110或110。"),
    ("T13", "public_interest", "开学季防骗提示：收到“班级群收费”“助学金”信息请先向老师当面核实，不点陌生链接，不向个人账户转账。"),
    ("T14", "notice", "您名下{text:10}（尾号{tail4}）于{date}{time}在{place}有一条交通违法记录，请登录交管平台查看处理。"),
    ("T15", "reminder", "您名下{text:10}（尾号{tail4}）检验有效期至{date}，请在有效期内办理检验，逾期上路将依法处理。"),
    ("T16", "reminder", "您的机动车驾驶证将于{date}有效期满，可提前{number}日办理换证，详询{station}。"),
    ("T17", "notice", "群众反映您的车辆（尾号{tail4}）停放在{place}妨碍通行，请尽快驶离，谢谢配合。"),
    ("T18", "notice", "您的居民身份证已制作完成，请携带领证凭证到{station}户籍窗口领取，工作日{time}-{time}。"),
    ("T19", "notice", "您申请的普通护照已制作完成并交付邮寄，邮件号{serial}。如未收到请拨打{phone}。"),
    ("T20", "reminder", "您的居住证签注将于{number}日后到期，请及时到居住地派出所或通过网上平台办理签注手续。"),
    ("T21", "public_interest", "{date}{time}至{time}，{text}期间{place}全线临时交通管制，请提前规划路线，绕行{place}。"),
    ("T22", "public_interest", "受{text:4}影响，{place}部分收费站临时关闭，请减速慢行，保持车距，开启雾灯。"),
    ("T23", "notice", "您遗失的物品已由热心群众交至{station}，请携带有效证件前来认领，保管期限{number}个月。"),
    ("T24", "internal", "值班通知：请{text:8}全体人员于{date}{time}前到岗签到，收到请回复1。（内部工作信息）"),
    ("T25", "internal", "培训通知：{date}{time}在{place}开展{text}培训，请相关人员准时参加。"),
    ("T26", "notice", "您已退订{text:12}短信，今后不再向您发送该类信息。如需恢复请回复KT。"),
    ("T27", "notice", "您已恢复接收{text:12}短信。退订请回复TD。"),
    ("T28", "notice", "可回复：CX查询办事进度，TD退订便民提醒，KT恢复。客服电话{phone}（7×24小时）。"),
    ("T29", "verification", "Code {code}, valid {minutes} min. Do not share it."),
    ("T30", "notice", "便民提示：一、办理身份证可提前网上预约，全省任一户籍窗口均可受理；二、首次申领、损坏换领、丢失补领均需本人到场采集指纹和人像；三、急需使用的可同时申请临时居民身份证；四、领取证件可选择邮寄到家；五、办理进度可在预约平台查询。窗口咨询电话{phone}，工作日{time}至{time}，感谢您的理解和配合。"),
)
# fmt: on

TEMPLATES: tuple[ApprovedTemplate, ...] = tuple(
    ApprovedTemplate(id_, 1, text, category, BY_ID[id_].service) for id_, category, text in _TEXTS
)
"""One for each sample, with its id and service."""


def body_of(id_: str) -> str:
    """Give a sample's text after its signature."""
    text = BY_ID[id_].text
    return text[text.index("】" if "】" in text else "]") + 1 :].strip()
